import { DEFAULT_QUEUE_SCHEMA, migratePostgresQueue } from '@millrace/messaging';
import { migrate } from '@millrace/persistence';
import { databaseConfig, explainStartFailure, loadConfig, redisConfig } from '@millrace/service-kit';

/** Brings the schema to the newest version and ends. Safe to run in any number of processes at once. */
try {
  const { database, redis } = loadConfig({ database: databaseConfig, redis: redisConfig });
  const { applied } = await migrate(database.url);
  if (redis.url === undefined) await migratePostgresQueue(database.url, DEFAULT_QUEUE_SCHEMA);
  process.stdout.write(
    applied.length === 0 ? 'The schema is up to date.\n' : `Applied ${applied.join(', ')}.\n`,
  );
} catch (error) {
  const plain = explainStartFailure(error) ?? (error instanceof Error ? error.stack : String(error));
  process.stderr.write(`millrace migrate: ${plain ?? 'failed'}\n`);
  process.exitCode = 1;
}
