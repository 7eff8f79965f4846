/** What is sent to an execution from outside. The worker that has it, or the next one that claims it, takes it in. */
import * as z from 'zod';
import { executionError } from './errors.js';
import { blobReference, usage } from './events.js';
import { nodeId } from './ids.js';
import { jsonValue } from './json.js';

/** Of a step in a body: the numbers of the iterations it is in, the outermost first, `"3"`, nested `"3.0"`. */
export const iterationPath = z
  .string()
  .max(200)
  .regex(/^\d+(\.\d+)*$/);

const actor = { by: z.string() };
const task = { step_id: nodeId, iteration: iterationPath.optional() };

/** What a step that waits has waited for. The sender decides what it means; `branch` is a port of the kind. */
export const answerPayload = z.object({
  ...task,
  /** Of the start that waits: an answer to an earlier attempt is ignored. */
  attempt: z.int().min(1),
  /** Which of several children of one step has answered; 0 where there is one. */
  slot: z.int().min(0).optional(),
  /** What model calls of a child consumed: it counts towards the budget of its parent too. */
  usage: usage.optional(),
  outcome: z.discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      output: jsonValue.optional(),
      output_ref: blobReference.optional(),
      branch: z.string().optional(),
    }),
    z.object({ ok: z.literal(false), error: executionError }),
  ]),
});
export type AnswerPayload = z.infer<typeof answerPayload>;

/** Every kind of signal, with the shape of its payload. */
export const SIGNAL_PAYLOADS = {
  cancel: z.object({ ...actor, reason: z.string().optional() }),
  pause: z.object(actor),
  resume: z.object(actor),
  /** Gives up a step that is not settled and lets the flow go on behind it, with this output. */
  skip: z.object({ ...actor, ...task, output: jsonValue.optional() }),
  approval: answerPayload,
  event: answerPayload,
  child: answerPayload,
} as const;

export type SignalKind = keyof typeof SIGNAL_PAYLOADS;
export type SignalPayload<K extends SignalKind> = z.infer<(typeof SIGNAL_PAYLOADS)[K]>;
export type NewSignal = { [K in SignalKind]: { kind: K; payload: SignalPayload<K> } }[SignalKind];

export function isSignalKind(text: string): text is SignalKind {
  return Object.hasOwn(SIGNAL_PAYLOADS, text);
}
