import { type AnswerPayload, isJsonObject, SIGNAL_PAYLOADS, type SignalPayload } from '@millrace/contracts';
import { recordJson } from '@millrace/engine';
import type { Claim, WorkerDoor } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import type { ExecutionLog } from './execution-log.js';

export interface InboxOptions {
  door: Pick<WorkerDoor, 'readSignals' | 'storeOutput'>;
  fence: AbortSignal;
  log: Logger;
}

type Signal = Awaited<ReturnType<WorkerDoor['readSignals']>>[number];

/** What was sent to one execution. Answers become events at once; a cancellation and a pause wait until they can be carried out. */
export class Inbox {
  readonly #claim: Claim;
  readonly #log: ExecutionLog;
  readonly #options: InboxOptions;
  #ahead: Signal[] | undefined;
  hasUnread: boolean;
  cancellation: { by: string; reason: string | undefined } | undefined;
  /** `number` is the message's place in the inbox. */
  pause: { by: string; number: number } | undefined;

  constructor(claim: Claim, log: ExecutionLog, options: InboxOptions) {
    this.#claim = claim;
    this.#log = log;
    this.#options = options;
    this.hasUnread = claim.inbox > claim.inboxRead || claim.cancelRequested;
  }

  /** Of a paused execution, before anything else is read: answers have to wait until it is running. */
  async whoResumed(): Promise<string | undefined> {
    const signals = await this.#fetch();
    this.#ahead = signals;
    this.hasUnread = true;
    const resumed = signals.findLast(({ kind }) => kind === 'resume');
    const parsed = SIGNAL_PAYLOADS.resume.safeParse(resumed?.payload);
    return parsed.success ? parsed.data.by : undefined;
  }

  async read(on: {
    onAnswer(answer: AnswerPayload): void;
    onSkip(skip: SignalPayload<'skip'>): void;
  }): Promise<void> {
    this.hasUnread = false;
    const fetched = this.#ahead ?? (await this.#fetch());
    this.#ahead = undefined;
    // An event of the log and the place in the inbox it stands for are taken together, without a pause in between.
    const signals = await Promise.all(fetched.map((signal) => this.#withStoredOutput(signal)));
    for (const { number, kind, payload } of signals) {
      // A payload that nobody can read must not stop those behind it.
      const isRead = this.#take(number, kind, payload, on);
      if (!isRead) this.#warn(number, kind);
      this.#log.inboxSeen = Math.max(this.#log.inboxSeen, number);
    }
    // Read again after a crash, until it is an event.
    this.#log.inboxTaken =
      this.pause === undefined ? this.#log.inboxSeen : Math.min(this.pause.number - 1, this.#log.inboxSeen);
  }

  /** A large answer is stored beside the log, as the output of a step would be. */
  async #withStoredOutput(signal: Signal): Promise<Signal> {
    if (signal.kind !== 'approval' && signal.kind !== 'event' && signal.kind !== 'child') return signal;
    const parsed = SIGNAL_PAYLOADS[signal.kind].safeParse(signal.payload);
    if (!parsed.success || !parsed.data.outcome.ok || !isJsonObject(signal.payload)) return signal;
    const { output, ...outcome } = parsed.data.outcome;
    if (output === undefined) return signal;
    const { door, fence } = this.#options;
    const { executionId } = this.#claim;
    const stored = await door.storeOutput(executionId, output, [JSON.stringify(output)], fence);
    if ('output' in stored) return signal;
    const referring = recordJson({ ...outcome, output_ref: stored.output_ref });
    return { ...signal, payload: { ...signal.payload, outcome: referring } };
  }

  #fetch(): Promise<Signal[]> {
    const { executionId, cancelRequested } = this.#claim;
    // A cancellation is not an event until it is carried out, so after a crash it is read again from the start.
    const after = cancelRequested ? 0 : this.#log.inboxSeen;
    return this.#options.door.readSignals(executionId, after, this.#options.fence);
  }

  #take(
    number: number,
    kind: Signal['kind'],
    payload: unknown,
    on: { onAnswer(answer: AnswerPayload): void; onSkip(skip: SignalPayload<'skip'>): void },
  ): boolean {
    switch (kind) {
      case 'cancel': {
        const parsed = SIGNAL_PAYLOADS.cancel.safeParse(payload);
        this.cancellation ??= { by: parsed.data?.by ?? 'unknown', reason: parsed.data?.reason };
        return parsed.success;
      }
      case 'pause': {
        const parsed = SIGNAL_PAYLOADS.pause.safeParse(payload);
        if (parsed.success) this.pause ??= { by: parsed.data.by, number };
        return parsed.success;
      }
      case 'resume':
        this.pause = undefined;
        return true;
      case 'skip': {
        const parsed = SIGNAL_PAYLOADS.skip.safeParse(payload);
        if (parsed.success) on.onSkip(parsed.data);
        return parsed.success;
      }
      case 'approval':
      case 'event':
      case 'child': {
        const parsed = SIGNAL_PAYLOADS[kind].safeParse(payload);
        if (parsed.success) on.onAnswer(parsed.data);
        return parsed.success;
      }
    }
  }

  #warn(number: number, kind: string): void {
    const { executionId } = this.#claim;
    this.#options.log.warn({ execution_id: executionId, number, kind }, 'a message cannot be read');
  }
}
