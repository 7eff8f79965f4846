/** How a node treats its sockets. The defaults are for production; tests shorten the times. */
export interface StreamSettings {
  /** Sockets of this node; more are refused with 503. */
  maxSockets: number;
  /** Sockets of one user on this node; more are refused with 429. */
  maxSocketsPerUser: number;
  /** Of one message of a client; a larger one closes the socket (1009). */
  maxPayloadBytes: number;
  /** Above this much unsent, transient frames are denied and catching up waits. */
  softLimitBytes: number;
  /** Above this much unsent for longer than the grace, or four times as much at once, the socket is closed (4008). */
  hardLimitBytes: number;
  slowGraceMs: number;
  /** Who has not answered a ping when the next is due is dropped. */
  heartbeatMs: number;
  /** How often rights are looked at again. With the cache of accounts on top it stays below the promised 30 s. */
  recheckMs: number;
  /** How long a user's scopes and an API key are believed. */
  accountCacheSeconds: number;
  /** How often what was sent is compared with the log. */
  reconcileMs: number;
  /** An upgrade that is not decided by then is refused with 503. */
  upgradeTimeoutMs: number;
  /** Sockets have this long to close when the node stops. */
  stopMs: number;
}

export const DEFAULT_STREAM_SETTINGS: StreamSettings = {
  maxSockets: 10_000,
  maxSocketsPerUser: 200,
  maxPayloadBytes: 1_048_576,
  softLimitBytes: 512 * 1_024,
  hardLimitBytes: 4 * 1_024 * 1_024,
  slowGraceMs: 2_000,
  heartbeatMs: 25_000,
  recheckMs: 15_000,
  accountCacheSeconds: 10,
  reconcileMs: 2_000,
  upgradeTimeoutMs: 10_000,
  stopMs: 2_000,
};
