/** Has a process of a pool blocked for ever, and tells whoever started this one its id. */
import { createProcessPool, siblingScript } from '@millrace/isolation';
import type { TestRequest } from './script.js';

const pool = createProcessPool<TestRequest, number>({
  script: siblingScript('./script', import.meta.url),
  processes: 1,
  maxHeapMb: 64,
});
const asked = await pool.run({ do: 'pid' }, { timeoutMs: 60_000 });
void pool.run({ do: 'block' }, { timeoutMs: 600_000 });
process.send?.(asked.kind === 'answered' ? asked.answer : 0);
