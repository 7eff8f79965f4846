/**
 * The places where a process may die between two effects that belong together (DESIGN, section 4). Each is healed
 * by something else, named here; the recovery tests stop a runtime at every one of them.
 */
export const CRASH_POINTS = {
  submit_committed_not_dispatched: 'the redispatch sweep gives the first hint',
  claim_committed_not_run: 'the lease expires and the sweep releases the execution',
  append_sent_reply_lost: 'the worker reads the position back: its own epoch and seq mean committed',
  append_committed_not_published: 'subscribers compare with the log every two seconds',
  signal_committed_not_dispatched: 'the redispatch sweep wakes the execution',
  signals_read_not_recorded: 'a message is read only with what it became: the next claim reads it again',
  fence_committed_not_ended:
    'it can still be claimed and cancelled; what was promised to end, the sweep ends',
  end_committed_not_followed_up: 'sweeps deliver the outcome to the parent, close waits and cancel children',
  release_committed_not_dispatched: 'the redispatch sweep gives the hint',
} as const;

export type CrashPoint = keyof typeof CRASH_POINTS;

/** Called at every point that is passed; a test throws from it, in production it does nothing. */
export type CrashProbe = (point: CrashPoint) => void;

export const noCrash: CrashProbe = () => undefined;
