/** One message for whoever listens to a topic. Payloads are JSON texts. */
export interface Envelope {
  topic: string;
  payload: string;
}

export interface TransportSink {
  message(topic: string, payload: string): void;
  /** The subscriber's connection stands, and listens to every wanted topic. */
  reconnected(): void;
}

/** What the events need of a store: topics with at-most-once delivery. */
export interface Transport {
  /** Bytes of UTF-8 that one payload may have. */
  readonly maxPayloadBytes: number;
  /** False where payloads are so small that committed ranges travel without their frames. */
  readonly carriesFrames: boolean;
  /** Sends all in one round trip, in order. */
  publish(envelopes: readonly Envelope[]): Promise<void>;
  /** Resolves when messages will arrive, or when the store cannot be reached and the topic is remembered. */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
