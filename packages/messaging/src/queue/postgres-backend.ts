import {
  assertSchemaCompatibility,
  PostgresConnection,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  type QueueBaseOptions,
} from 'bullmq';

/**
 * BullMQ remembers the outcome of its first connection for ever: a process that starts while Postgres is down would
 * never dispatch or consume again. This one remembers success only.
 */
class PatientConnection extends PostgresConnection {
  #ready: Promise<void> | undefined;

  override waitUntilReady(): Promise<void> {
    this.#ready ??= this.#check().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #check(): Promise<void> {
    const client = await this.pool.connect();
    // Between its checkout and its release a lost connection reports to the client alone.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    try {
      await assertSchemaCompatibility(client, this.schema);
    } finally {
      client.release();
    }
    this.emit('ready');
  }
}

class PatientBackend extends PostgresQueueBackend {
  /** After an outage BullMQ's worker waits once for this long; its own value is an hour. In seconds. */
  override get maximumBlockTimeout(): number {
    return 10;
  }
}

/** BullMQ's Postgres backend that a process may build before Postgres is up or migrated. */
export function createPatientBackend(
  name: string,
  options: QueueBaseOptions<PostgresConnectionOptions>,
): PostgresQueueBackend {
  return new PatientBackend(new PatientConnection(options.connection), name, options);
}
