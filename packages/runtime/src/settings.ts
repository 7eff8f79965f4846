export interface RuntimeSettings {
  /** A hint that was not answered by a claim is repeated after this long. */
  redispatchSeconds: number;
  /** The same for hints the sweep has given: under a backlog they wait in the queue for their turn. */
  redispatchAgainSeconds: number;
  /** Most hints the queue holds; executions beyond it wait in Postgres. */
  windowSize: number;
  leaseSeconds: number;
  /** Schedulers look for due timers at least this often. */
  timerLookSeconds: number;
  /** How long a worker may take to end a cancelled execution by itself. */
  cancelGraceSeconds: number;
  /** A log longer than this, or larger, fails its execution: it would never be read back in time. */
  maxEvents: number;
  maxLogBytes: number;
  snapshotEvery: number;
  /** How many sub-workflows may be started one inside the other. */
  maxDepth: number;
}

export const DEFAULT_SETTINGS: RuntimeSettings = {
  redispatchSeconds: 10,
  redispatchAgainSeconds: 30,
  windowSize: 5_000,
  leaseSeconds: 6,
  timerLookSeconds: 5,
  cancelGraceSeconds: 10,
  maxEvents: 50_000,
  maxLogBytes: 50_000_000,
  snapshotEvery: 1_000,
  maxDepth: 16,
};
