import type { EventBus, ExecutionQueue, Log } from '@millrace/messaging';
import type { Database, Keyring } from '@millrace/persistence';
import type { CrashProbe } from './crash-points.js';
import type { Outage } from './outage.js';
import type { RuntimeSettings } from './settings.js';

/** What every part of the runtime works with. */
export interface RuntimeContext {
  db: Database;
  queue: ExecutionQueue;
  events: EventBus;
  log: Log;
  settings: RuntimeSettings;
  /** Of the database, as those see it who try again. */
  databaseOutage: Outage;
  crash: CrashProbe;
  /** Of secrets; undefined where the platform has no key. */
  keyring: Keyring | undefined;
}
