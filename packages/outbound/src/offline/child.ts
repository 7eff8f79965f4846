import { serveIsolated } from '@millrace/isolation';
import { runOfflineAgent } from './run.js';

serveIsolated(runOfflineAgent);
