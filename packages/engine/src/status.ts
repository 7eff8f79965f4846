/**
 * The life of an execution (SPEC S1, S2):
 *
 *                      +-----------> waiting ------------+
 *                      |                |                |
 *    queued ------> running <-----------+                |
 *      |             |   |  <-----> paused --------------+
 *      |             |   |                               |
 *      |             |   +-------> completed             |
 *      +-------------+---------------------------> failed, cancelled, timed_out
 *
 * Only a running execution completes. The four ends are final. A worker that takes over a running execution appends
 * `resumed` without a move.
 */
import { isTerminal, type ExecutionStatus } from '@millrace/contracts';
import { EngineError } from './error.js';

const yes = true;
const no = false;

/** Row: where from; column: where to. A full table, so that a new status does not compile until each cell is decided. */
export const EXECUTION_MOVES: Record<ExecutionStatus, Record<ExecutionStatus, boolean>> = {
  // prettier-ignore
  queued:    { queued: no, running: yes, waiting: no,  paused: no,  completed: no,  failed: yes, cancelled: yes, timed_out: yes },
  // prettier-ignore
  running:   { queued: no, running: no,  waiting: yes, paused: yes, completed: yes, failed: yes, cancelled: yes, timed_out: yes },
  // prettier-ignore
  waiting:   { queued: no, running: yes, waiting: no,  paused: no,  completed: no,  failed: yes, cancelled: yes, timed_out: yes },
  // prettier-ignore
  paused:    { queued: no, running: yes, waiting: no,  paused: no,  completed: no,  failed: yes, cancelled: yes, timed_out: yes },
  // prettier-ignore
  completed: { queued: no, running: no,  waiting: no,  paused: no,  completed: no,  failed: no,  cancelled: no,  timed_out: no },
  // prettier-ignore
  failed:    { queued: no, running: no,  waiting: no,  paused: no,  completed: no,  failed: no,  cancelled: no,  timed_out: no },
  // prettier-ignore
  cancelled: { queued: no, running: no,  waiting: no,  paused: no,  completed: no,  failed: no,  cancelled: no,  timed_out: no },
  // prettier-ignore
  timed_out: { queued: no, running: no,  waiting: no,  paused: no,  completed: no,  failed: no,  cancelled: no,  timed_out: no },
};

export function canMove(from: ExecutionStatus, to: ExecutionStatus): boolean {
  return EXECUTION_MOVES[from][to];
}

/** Throws an EngineError (`illegal_move`) unless the table allows the move. The one place that refuses. */
export function assertMove(from: ExecutionStatus, to: ExecutionStatus): void {
  if (canMove(from, to)) return;
  throw isTerminal(from)
    ? new EngineError(
        'illegal_move',
        'S2',
        `The execution is ${from}, which is final: it cannot become ${to}`,
      )
    : new EngineError('illegal_move', 'S1', `An execution cannot go from ${from} to ${to}`);
}
