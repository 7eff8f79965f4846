import { serveIsolated } from '@millrace/isolation';
import { workOffline } from './run.js';

serveIsolated(workOffline);
