import type { McpServers } from '@millrace/contracts';
import type { Messaging } from '@millrace/messaging';
import type { ApiDatabase, Caller, Keyring, Queryable } from '@millrace/persistence';
import type { Feed, Runtime } from '@millrace/runtime';
import type { CodeChecker } from '@millrace/sandbox';
import type { Authenticator, Logger, Metrics, Principal } from '@millrace/service-kit';
import type { Passwords } from './auth/passwords.js';
import type { CallbackTargets } from './callbacks/target.js';
import type { Draining } from './draining.js';
import type { InFlight } from './http/in-flight.js';
import type { DeliveryLog } from './webhooks/deliveries.js';
import type { Mappings } from './webhooks/mapping.js';

/** What the features work with; made once in `app.ts`. */
export interface GatewayContext {
  /** Under row-level security, as the caller or for the platform's own tables. */
  readonly db: ApiDatabase;
  /** As the engine, past row-level security: only for what was authorized before, and for the hot path. */
  readonly pool: Queryable;
  readonly runtime: Runtime;
  readonly messaging: Messaging;
  /** What every live stream of this process is served from. */
  readonly feed: Feed;
  readonly authenticator: Authenticator;
  readonly passwords: Passwords;
  /** Of secrets; undefined where the platform has no SECRETS_KEY, which production does not accept. */
  readonly keyring: Keyring | undefined;
  /** Whom executions may tell of their end. */
  readonly callbackTargets: CallbackTargets;
  /** From what arrives at webhooks to parameters. */
  readonly mappings: Mappings;
  /** Of the code of workflows that are saved. */
  readonly codeChecker: CodeChecker;
  readonly deliveries: DeliveryLog;
  /** Of the configuration: names for the catalogue. Only workers speak to them. */
  readonly mcpServers: McpServers;
  readonly metrics: Metrics;
  readonly draining: Draining;
  readonly inFlight: InFlight;
  readonly log: Logger;
  readonly version: string;
}

export function asDatabaseCaller(principal: Principal): Caller {
  return { userId: principal.userId, admin: principal.admin };
}
