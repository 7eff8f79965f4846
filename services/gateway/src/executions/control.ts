import type { JsonValue } from '@millrace/contracts';
import { OUTCOME_EVENTS } from '@millrace/engine';
import { type ExecutionRecord, type Queryable, readEventsOfTypes } from '@millrace/persistence';
import type { SteerAnswer } from '@millrace/runtime';
import { conflict, invalidRequest, notFound, type Principal } from '@millrace/service-kit';
import { unknownExecution } from '../access.js';
import type { GatewayContext } from '../context.js';
import { placeOf } from './step-place.js';
import type { Executions } from './service.js';

/** How long a worker is waited for before the answer tells the state as it is. */
const OBEY_WAIT_MS = 5_000;
const PAGE = 1_000;

export interface Steered {
  execution: ExecutionRecord;
  /** False: its worker was told and has not obeyed yet. */
  obeyed: boolean;
}

export interface Control {
  /** 409 for an execution that has ended. Without `waitMs` the worker is given 5 seconds. */
  pause(caller: Principal, id: string, waitMs?: number): Promise<Steered>;
  resume(caller: Principal, id: string, waitMs?: number): Promise<Steered>;
  /** 404 for a step the execution does not have, 409 for one with an outcome. */
  skip(
    caller: Principal,
    id: string,
    step: { stepId: string; iteration?: string | undefined; output?: JsonValue | undefined },
  ): Promise<ExecutionRecord>;
}

type Needs = Pick<GatewayContext, 'pool' | 'runtime'> & { executions: Pick<Executions, 'get'> };

export function createControl({ pool, runtime, executions }: Needs): Control {
  async function steer(
    kind: 'pause' | 'resume',
    caller: Principal,
    id: string,
    waitMs: number,
  ): Promise<Steered> {
    const { id: executionId } = await executions.get(caller, id);
    const by = { id: caller.userId, username: caller.username };
    const answer = await runtime.steering[kind]({ executionId, by, waitMs });
    refuseEnded(answer, id, `${kind}d`);
    return { execution: await executions.get(caller, id), obeyed: answer.kind === 'done' };
  }

  return {
    pause: (caller, id, waitMs = OBEY_WAIT_MS) => steer('pause', caller, id, waitMs),
    resume: (caller, id, waitMs = OBEY_WAIT_MS) => steer('resume', caller, id, waitMs),

    async skip(caller, id, { stepId, iteration, output }) {
      const record = await executions.get(caller, id);
      const { workflowId, workflowVersion, untilStep } = record;
      const { plan } = await runtime.plans.load(workflowId, workflowVersion, untilStep);
      const place = placeOf(plan, stepId);
      if (place === undefined) throw notFound('Step', stepId.slice(0, 100));
      if (place === 'body' && iteration === undefined) {
        throw wrongIteration(`step ${stepId} is in a body: say which iteration, as its events name it`);
      }
      if (place === 'top' && iteration !== undefined) {
        throw wrongIteration(`step ${stepId} is in no body and has no iterations`);
      }
      const outcome = await outcomeOf(pool, record.id, stepId, iteration);
      if (outcome !== undefined) {
        const which = iteration === undefined ? '' : ` of iteration ${iteration}`;
        throw conflict(`Step ${stepId}${which} is ${outcome} and cannot be skipped any more`);
      }
      const answer = await runtime.steering.skip({
        executionId: record.id,
        by: { id: caller.userId, username: caller.username },
        step_id: stepId,
        ...(iteration !== undefined && { iteration }),
        ...(output !== undefined && { output }),
      });
      refuseEnded(answer, id, 'changed');
      return executions.get(caller, id);
    },
  };
}

function refuseEnded(answer: SteerAnswer, id: string, verb: string): void {
  if (answer.kind === 'unknown') throw unknownExecution(id);
  if (answer.kind === 'ended') {
    throw conflict(`Execution ${id} is ${answer.status}: what has ended cannot be ${verb}`);
  }
}

function wrongIteration(msg: string): Error {
  return invalidRequest([{ loc: ['body', 'iteration'], msg, type: 'invalid_iteration' }]);
}

/** What became of a step, in the word of its event; undefined while it has no outcome. */
async function outcomeOf(
  pool: Queryable,
  executionId: string,
  stepId: string,
  iteration: string | undefined,
): Promise<string | undefined> {
  let afterSeq = 0;
  for (;;) {
    const page = await readEventsOfTypes(pool, executionId, { types: OUTCOME_EVENTS, afterSeq, limit: PAGE });
    const found = page.find(
      ({ data }) => data['step_id'] === stepId && (data['iteration'] ?? undefined) === iteration,
    );
    if (found) return found.type === 'step_reused' ? 'completed' : found.type.slice('step_'.length);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return undefined;
    afterSeq = last.seq;
  }
}
