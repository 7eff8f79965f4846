import type { ApiDatabase } from '@millrace/persistence';

/**
 * Connects at the first use where `start` has not yet. A gateway that is mounted before it started, or whose Postgres
 * was away then, answers 503 with the reason and recovers by itself, instead of failing in ways nobody foresaw.
 */
export function connectedOnDemand(database: ApiDatabase): ApiDatabase {
  let connecting: Promise<void> | undefined;

  async function start(): Promise<void> {
    if (database.dataSource.isInitialized) return;
    connecting ??= database.start().finally(() => {
      connecting = undefined;
    });
    await connecting;
  }

  return {
    dataSource: database.dataSource,
    start,
    stop: () => database.stop(),
    async asCaller(caller, work) {
      await start();
      return database.asCaller(caller, work);
    },
    async asPlatform(work, options) {
      await start();
      return database.asPlatform(work, options);
    },
  };
}
