import {
  type EventType,
  isJsonObject,
  type JsonObject,
  parseLogEvent,
  toExecutionId,
} from '@millrace/contracts';
import {
  isPassedByAgain,
  notePast,
  OUTCOME_EVENTS,
  type Past,
  type ReuseRequest,
  reusableSteps,
  reusedEvents,
} from '@millrace/engine';
import { readEventsOfTypes, type TypedEvent } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Plans } from './plans.js';
import type { SubmitRequest } from './submit.js';

export interface RepeatRequest {
  /** The finished execution: bare uuids. */
  earlier: {
    executionId: string;
    rootId: string;
    workflowId: string;
    workflowVersion: number;
    untilStep: string | null;
    parameters: JsonObject;
  };
  /** Of the new one. */
  workflowVersion: number;
  untilStep: string | null;
  parameters: JsonObject;
  mode: ReuseRequest['mode'];
  /** Edited inputs by step id; those of the earlier execution hold on beside them. */
  inputs: JsonObject;
}

export interface Repeats {
  /**
   * What the submission of a retry or rerun has in addition; undefined where the step to begin at would be passed by
   * again. Rejects with PlanUnavailableError when a version cannot be compiled any more.
   */
  prepare(request: RepeatRequest): Promise<NonNullable<SubmitRequest['retry']> | undefined>;
}

const READ: readonly EventType[] = ['queued', ...OUTCOME_EVENTS];
const PAGE = 500;

export function createRepeats({ db }: Pick<RuntimeContext, 'db'>, plans: Plans): Repeats {
  /** The outcomes an execution's log tells, and the edited inputs it was given itself. */
  async function readPast(executionId: string): Promise<{ past: Past; inputs: JsonObject }> {
    const past: Past = new Map();
    let inputs: JsonObject = {};
    let afterSeq = 0;
    for (;;) {
      const page = await readEventsOfTypes(db, executionId, { types: READ, afterSeq, limit: PAGE });
      for (const row of page) {
        if (row.type === 'queued') inputs = isJsonObject(row.data['inputs']) ? row.data['inputs'] : {};
        else note(past, row);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return { past, inputs };
      afterSeq = last.seq;
    }
  }

  return {
    async prepare({ earlier, workflowVersion, untilStep, parameters, mode, inputs }) {
      const [{ plan: from }, { plan: to }, known] = await Promise.all([
        plans.load(earlier.workflowId, earlier.workflowVersion, earlier.untilStep),
        plans.load(earlier.workflowId, workflowVersion, untilStep),
        readPast(earlier.executionId),
      ]);
      const asked: ReuseRequest = {
        ...{ from, to, mode },
        past: known.past,
        edited: new Set(Object.keys(inputs)),
        parameters: { before: earlier.parameters, after: parameters },
      };
      if (isPassedByAgain(asked)) return undefined;
      const inherited = Object.entries(known.inputs).filter(([stepId]) => to.stepOf.has(stepId));
      return {
        of: earlier.executionId,
        rootId: earlier.rootId,
        inputs: { ...Object.fromEntries(inherited), ...inputs },
        reused: reusedEvents(to, toExecutionId(earlier.executionId), reusableSteps(asked)),
      };
    },
  };
}

/** The time of an event makes no difference here. */
function note(past: Past, { seq, type, data }: TypedEvent): void {
  // Most events of a large log belong to bodies: they need no further look.
  if (data['iteration'] !== undefined) return;
  const event = parseLogEvent({ seq, type, data, timestamp: '' });
  switch (event.type) {
    case 'step_completed':
    case 'step_failed':
    case 'step_skipped':
    case 'step_reused':
    case 'step_discarded':
      notePast(past, event);
      return;
    default:
  }
}
