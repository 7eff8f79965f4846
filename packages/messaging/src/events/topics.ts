import { errorText } from '../errors.js';
import type { Log } from '../log.js';
import type { Decoded } from './encoding.js';
import type { Unsubscribe } from './port.js';
import type { Transport } from './transport.js';

type TopicListener = (message: Decoded) => void;

interface Topic {
  listeners: Set<{ notify: TopicListener }>;
  ready: Promise<void>;
}

/** Reference counting: the first listener of a topic subscribes the process, the last one to go unsubscribes it. */
export class TopicListeners {
  readonly #topics = new Map<string, Topic>();
  readonly #transport: Pick<Transport, 'subscribe' | 'unsubscribe'>;
  readonly #log: Log;

  constructor(transport: Pick<Transport, 'subscribe' | 'unsubscribe'>, log: Log) {
    this.#transport = transport;
    this.#log = log;
  }

  async add(name: string, notify: TopicListener): Promise<Unsubscribe> {
    let topic = this.#topics.get(name);
    if (!topic) {
      topic = { listeners: new Set(), ready: this.#transport.subscribe(name) };
      this.#topics.set(name, topic);
    }
    const joined = topic;
    const listener = { notify };
    joined.listeners.add(listener);
    await joined.ready;
    return async () => {
      if (!joined.listeners.delete(listener) || joined.listeners.size > 0) return;
      if (this.#topics.get(name) !== joined) return;
      this.#topics.delete(name);
      await this.#transport.unsubscribe(name);
    };
  }

  notify(name: string, message: Decoded): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    for (const listener of topic.listeners) {
      try {
        listener.notify(message);
      } catch (error) {
        this.#log.error({ topic: name, error: errorText(error), err: error }, 'a listener failed');
      }
    }
  }
}
