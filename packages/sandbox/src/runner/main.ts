import { serveIsolated } from '@millrace/isolation';
import type { CodeAnswer, CodeRequest } from '../protocol.js';
import { runCode } from './run.js';

serveIsolated((request: CodeRequest, note): Promise<CodeAnswer> => runCode(request, note));
