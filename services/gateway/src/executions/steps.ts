import { type JsonValue, type LogEvent, parseLogEvent, type StepSummary } from '@millrace/contracts';
import {
  createState,
  defaultInput,
  type ExecutionState,
  fold,
  stepState,
  type StepState,
} from '@millrace/engine';
import { type ExecutionRecord, type Queryable, readEvents } from '@millrace/persistence';
import { toExecutionId } from '@millrace/contracts';
import type { LoadedPlan } from '@millrace/runtime';
import { isoTime } from '../http/dates.js';

/** Inputs and outputs of one answer together; what exceeds it is left out. */
const PAYLOAD_BUDGET_BYTES = 8 * 1024 * 1024;
const PAGE = 1_000;

interface Payloads {
  input?: JsonValue;
  output?: JsonValue;
}

interface Times {
  startedAt: string | null;
  completedAt: string | null;
  durationMs: number | null;
}

/** What every step of an execution did so far, told by its log; steps in topological order. */
export async function summarizeSteps(
  pool: Queryable,
  record: ExecutionRecord,
  { plan, workflowName }: LoadedPlan,
): Promise<StepSummary[]> {
  const state = createState(plan, {
    executionId: toExecutionId(record.id),
    workflowId: record.workflowId,
    workflowName,
    workflowVersion: record.workflowVersion,
    parameters: record.parameters,
    owner: record.owner,
    submittedBy: record.submittedBy,
    rootId: toExecutionId(record.rootId),
    createdAt: isoTime(record.createdAt),
  });
  const times = new Map<string, Times>();
  const payloads = createPayloads();
  for await (const event of wholeLog(pool, record.id)) {
    const isAtTop = 'step_id' in event.data && event.data.iteration === undefined;
    if (event.type === 'step_started' && isAtTop) {
      const { step_id: id, input } = event.data;
      payloads.keep(id, 'input', input ?? inputByDefault(state, stepState(state, id)));
    }
    fold(state, event);
    if (!isAtTop) continue;
    noteTimes(times, event);
    if (event.type === 'step_completed' || event.type === 'step_reused') {
      payloads.keep(event.data.step_id, 'output', event.data.output);
    }
  }
  const steps = [...state.root.steps, ...(state.handler?.frame.steps ?? [])];
  return steps.map((current) =>
    summary(current, times.get(current.step.id), payloads.of(current.step.id)),
  );
}

function summary(
  { step, status, attempt, error, outputRef, dueAt }: StepState,
  times: Times | undefined,
  payloads: Payloads,
): StepSummary {
  return {
    step_id: step.id,
    step_name: step.name,
    kind: step.kind,
    status,
    attempts: attempt,
    started_at: times?.startedAt ?? null,
    completed_at: times?.completedAt ?? null,
    duration_ms: times?.durationMs ?? null,
    ...payloads,
    ...(outputRef && { output_ref: outputRef }),
    error,
    retry_at: status === 'retrying' && dueAt !== null ? isoTime(new Date(dueAt)) : null,
  };
}

/** The default is computed rather than stored; where it holds a large output that lies elsewhere, it stays untold. */
function inputByDefault(state: ExecutionState, current: StepState): JsonValue | undefined {
  const { step, frame } = current;
  if (step.input !== undefined) return undefined;
  const sources = step.dependencies.map((index) => frame.graph.steps[index]?.id ?? '');
  const isStoredElsewhere = sources.some((id) => {
    const known = frame.scope.steps[id];
    return known !== undefined && state.unresolvedOutputs.has(known);
  });
  return isStoredElsewhere ? undefined : defaultInput(current);
}

function noteTimes(times: Map<string, Times>, event: LogEvent): void {
  if (!('step_id' in event.data)) return;
  const { step_id: id } = event.data;
  const known = times.get(id) ?? { startedAt: null, completedAt: null, durationMs: null };
  switch (event.type) {
    case 'step_started':
      known.startedAt ??= event.timestamp;
      break;
    case 'step_completed':
    case 'step_failed':
      known.completedAt = event.timestamp;
      known.durationMs = event.data.duration_ms;
      break;
    case 'step_skipped':
    case 'step_reused':
    case 'step_discarded':
      known.completedAt = event.timestamp;
      break;
    default:
      break;
  }
  times.set(id, known);
}

function createPayloads(): {
  keep(id: string, part: keyof Payloads, value: JsonValue | undefined): void;
  of(id: string): Payloads;
} {
  const kept = new Map<string, Payloads>();
  let left = PAYLOAD_BUDGET_BYTES;
  return {
    keep(id, part, value) {
      if (value === undefined) return;
      const bytes = Buffer.byteLength(JSON.stringify(value));
      const fits = bytes <= left;
      if (fits) left -= bytes;
      const { [part]: _earlier, ...others } = kept.get(id) ?? {};
      kept.set(id, fits ? { ...others, [part]: value } : others);
    },
    of: (id) => kept.get(id) ?? {},
  };
}

async function* wholeLog(pool: Queryable, executionUuid: string): AsyncGenerator<LogEvent> {
  let after = 0;
  for (;;) {
    const page = await readEvents(pool, executionUuid, after, PAGE);
    for (const { seq, type, at, data } of page)
      yield parseLogEvent({ seq, type, timestamp: isoTime(at), data });
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.seq;
  }
}
