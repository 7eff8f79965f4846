import { type JsonValue, type LogEvent, parseLogEvent, type StepSummary } from '@millrace/contracts';
import {
  createState,
  defaultInput,
  type ExecutionState,
  fold,
  planStep,
  stepState,
  type PlanStep,
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
    if (event.type === 'step_started' && isOfPlan(state, event)) {
      const { step_id: id, input } = event.data;
      payloads.keep(id, 'input', input ?? inputByDefault(state, planStep(state, id)));
    }
    fold(state, event);
    noteTimes(times, event);
    if (event.type === 'step_completed' || event.type === 'step_reused') {
      payloads.keep(event.data.step_id, 'output', event.data.output);
    }
  }
  return plan.steps.map((step) => summary(state, step, times.get(step.id), payloads.of(step.id)));
}

function summary(
  state: ExecutionState,
  step: PlanStep,
  times: Times | undefined,
  payloads: Payloads,
): StepSummary {
  const { status, attempt, error, outputRef, dueAt } = stepState(state, step.id);
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
function inputByDefault(state: ExecutionState, step: PlanStep): JsonValue | undefined {
  if (step.input !== undefined) return undefined;
  if (step.dependencies.some((index) => state.unresolvedOutputs.has(index))) return undefined;
  return defaultInput(state, step);
}

function isOfPlan(state: ExecutionState, event: LogEvent): boolean {
  return 'step_id' in event.data && state.plan.indexOf.has(event.data.step_id);
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
