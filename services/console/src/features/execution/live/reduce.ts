import {
  EVENT_DATA,
  isTerminal,
  type EventFrame,
  type ExecutionStatus,
  type LogEvent,
} from '@millrace/contracts';
import { reduceStep, type StepEvent } from './reduce-step';
import { noteIteration } from './iterations';
import { pendingStep, stepKey, type ExecutionView, type Phase, type StepView } from './view';

export interface Reduced {
  readonly view: ExecutionView;
  /** An event is missing before the next one: the log has to be read from `view.seq`. */
  readonly isGap: boolean;
}

type Draft = { -readonly [K in keyof ExecutionView]: ExecutionView[K] } & { steps: Map<string, StepView> };

/**
 * The view after these events. Those it has already are dropped, and nothing behind a gap is taken. Pure: the same
 * events in the same order give the same view, in however many calls.
 */
export function applyEvents(view: ExecutionView, frames: readonly EventFrame[]): Reduced {
  const draft: Draft = { ...view, steps: new Map(view.steps) };
  for (const frame of frames) {
    if (frame.seq <= draft.seq) continue;
    if (frame.seq > draft.seq + 1) return { view: draft.seq === view.seq ? view : draft, isGap: true };
    if (isLogEvent(frame)) apply(draft, frame);
    draft.seq = frame.seq;
  }
  return { view: draft.seq === view.seq ? view : draft, isGap: false };
}

/** The server is held by its own tests to what goes with a type. A type of a newer server changes nothing here. */
const isLogEvent = (frame: EventFrame): frame is EventFrame & LogEvent =>
  Object.hasOwn(EVENT_DATA, frame.type);

function apply(draft: Draft, event: LogEvent): void {
  const at = Date.parse(event.timestamp);
  draft.atMs = at;
  switch (event.type) {
    case 'queued':
      return enter(draft, 'queued', at);
    case 'started':
      return enter(draft, 'running', at);
    case 'resumed':
      draft.pausedBy = null;
      draft.wakeAtMs = null;
      return enter(draft, 'running', at);
    case 'waiting':
      draft.wakeAtMs = event.data.wake_at === null ? null : Date.parse(event.data.wake_at);
      return enter(draft, 'waiting', at);
    case 'paused':
      draft.pausedBy = event.data.by;
      return enter(draft, 'paused', at);
    case 'failing':
      draft.isFailing = true;
      draft.error = event.data.error;
      return;
    case 'completed':
      return enter(draft, 'completed', at);
    case 'failed':
    case 'timed_out':
      draft.error = event.data.error;
      return enter(draft, event.type, at);
    case 'cancelled':
      draft.cancelledBy = event.data.by;
      draft.uncertainSteps = event.data.uncertain_steps;
      return enter(draft, 'cancelled', at);
    default:
      return applyToStep(draft, event, at);
  }
}

function enter(draft: Draft, status: ExecutionStatus, fromMs: number): void {
  const isTakeover = draft.status === status && draft.phases.length > 0;
  const phase: Phase = { status, fromMs, isTakeover };
  draft.status = status;
  draft.phases = [...draft.phases, phase];
  if (isTerminal(status)) draft.wakeAtMs = null;
}

function applyToStep(draft: Draft, event: StepEvent, at: number): void {
  const { step_id: stepId, step_name: name, kind, iteration = null } = event.data;
  const key = stepKey(stepId, iteration);
  const before = draft.steps.get(key) ?? pendingStep({ stepId, iteration, name, kind });
  const after = reduceStep(before, event, at);
  draft.steps.set(key, after);
  noteIteration(draft, before, after);
}
