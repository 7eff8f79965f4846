import type { JsonValue, LogEvent, Usage } from '@millrace/contracts';
import { defaultInput, type ExecutionState, type Frame, type Loop, type StepState } from '@millrace/engine';
import type { Onlooker } from './replay.js';

/** Inputs and outputs of one answer together; what exceeds it is left out. */
const PAYLOAD_BUDGET_BYTES = 8 * 1024 * 1024;

/** What the state of a step does not tell, or not any more. */
export interface Seen {
  startedAt: string | null;
  completedAt: string | null;
  durationMs: number | null;
  waitingSince: string | null;
  input?: JsonValue | undefined;
  output?: JsonValue;
  usage?: Usage;
  loop?: Loop;
}

export interface StepWatch extends Onlooker {
  of(step: StepState): Seen;
}

const UNSEEN: Seen = { startedAt: null, completedAt: null, durationMs: null, waitingSince: null };

/** Notes what happens to the steps of the frames that are wanted; frames come and go with their iterations. */
export function watchSteps(isWanted: (frame: Frame, state: ExecutionState) => boolean): StepWatch {
  const seen = new Map<StepState, Seen>();
  let bytesLeft = PAYLOAD_BUDGET_BYTES;

  function noted(step: StepState): Seen {
    const known = seen.get(step) ?? { ...UNSEEN };
    seen.set(step, known);
    return known;
  }

  function fits(value: JsonValue): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > bytesLeft) return false;
    bytesLeft -= bytes;
    return true;
  }

  return {
    of: (step) => seen.get(step) ?? UNSEEN,
    before(state, event, current) {
      if (event.type !== 'step_started' || current === undefined || !isWanted(current.frame, state)) return;
      const input = event.data.input ?? unwrittenInput(state, current);
      // Where that of the latest attempt does not fit, that of an earlier one would mislead.
      noted(current).input = input !== undefined && fits(input) ? input : undefined;
    },
    after(state, event, current) {
      if (current === undefined || !isWanted(current.frame, state)) return;
      const known = noted(current);
      if (current.loop !== null) known.loop = current.loop;
      noteTimes(known, event);
      if (event.type === 'step_completed' || event.type === 'step_reused' || event.type === 'step_skipped') {
        const { output } = event.data;
        if (output !== undefined && fits(output)) known.output = output;
      }
      if ('usage' in event.data && event.data.usage) known.usage = sum(known.usage, event.data.usage);
    },
  };
}

function noteTimes(known: Seen, event: LogEvent): void {
  switch (event.type) {
    case 'step_started':
      known.startedAt ??= event.timestamp;
      known.waitingSince = event.data.wait === undefined ? null : event.timestamp;
      return;
    case 'step_waiting':
      known.waitingSince = event.timestamp;
      return;
    case 'step_completed':
    case 'step_failed':
      known.completedAt = event.timestamp;
      known.durationMs = event.data.duration_ms;
      return;
    case 'step_skipped':
    case 'step_reused':
    case 'step_discarded':
      known.completedAt = event.timestamp;
      return;
    default:
  }
}

/**
 * The input of a pure step is computed rather than stored, unless somebody wrote one. Where it holds something large
 * that lies elsewhere it stays untold.
 */
function unwrittenInput(state: ExecutionState, current: StepState): JsonValue | undefined {
  const { step, frame } = current;
  const edited = frame.owner === null ? state.inputs[step.id] : undefined;
  if (edited !== undefined) return edited;
  if (step.input !== undefined || isStoredElsewhere(state, current)) return undefined;
  return defaultInput(current);
}

function isStoredElsewhere({ unresolvedOutputs }: ExecutionState, { step, frame }: StepState): boolean {
  if (unresolvedOutputs.size === 0) return false;
  const loop = frame.owner?.loop;
  const fromLoop = loop ? [loop.items, ...loop.results.slice(-1).flatMap((result) => leavesOf(result))] : [];
  const sources = step.dependencies.map((index) => frame.scope.steps[frame.graph.steps[index]?.id ?? '']);
  return [...fromLoop, ...sources].some((holder) => holder !== undefined && unresolvedOutputs.has(holder));
}

function leavesOf(result: Loop['results'][number]): { output: JsonValue }[] {
  return result === undefined || 'error' in result ? [] : result.leaves.map(([, holder]) => holder);
}

function sum(before: Usage | undefined, more: Usage): Usage {
  if (before === undefined) return more;
  const cost = before.cost_usd ?? more.cost_usd;
  return {
    input_tokens: before.input_tokens + more.input_tokens,
    output_tokens: before.output_tokens + more.output_tokens,
    ...(cost !== undefined && { cost_usd: (before.cost_usd ?? 0) + (more.cost_usd ?? 0) }),
  };
}
