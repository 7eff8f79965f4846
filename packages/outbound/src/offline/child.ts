import { serveIsolated } from '@millrace/isolation';
import type { AgentOutcome } from '../agents/types.js';
import { type OfflineRequest, runOfflineAgent } from './run.js';

serveIsolated<OfflineRequest, AgentOutcome>(runOfflineAgent);
