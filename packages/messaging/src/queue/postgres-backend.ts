import {
  assertSchemaCompatibility,
  PostgresConnection,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  type QueueBaseOptions,
} from 'bullmq';

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

/**
 * BullMQ remembers the outcome of its first connection for ever: a process that starts while Postgres is down would
 * never dispatch or consume again. This one remembers success only.
 */
export class PatientConnection extends PostgresConnection {
  readonly #protected = new WeakSet<ListenClient>();
  #ready: Promise<void> | undefined;

  constructor(connection: PostgresConnectionOptions) {
    super(connection);
    // Between its checkout and its release a lost connection reports to the client alone, and as early as in the packet
    // that admits it: before whoever awaits the checkout can listen. Unheard, it would end the process.
    this.pool.on('connect', listenForEver);
  }

  override waitUntilReady(): Promise<void> {
    this.#ready ??= this.#check().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #check(): Promise<void> {
    const client = await this.pool.connect();
    try {
      await assertSchemaCompatibility(client, this.schema);
    } finally {
      client.release();
    }
    this.emit('ready');
  }

  /** Closing takes every listener from this client before its connection is gone: one has to stay. */
  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (this.#protected.has(client)) return client;
    this.#protected.add(client);
    const removeAll = client.removeAllListeners.bind(client);
    client.removeAllListeners = (...events) => listenForEver(removeAll(...events));
    return client;
  }
}

function listenForEver<Client extends ListenClient>(client: Client): Client {
  return client.on('error', () => undefined);
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
