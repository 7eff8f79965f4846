import { createHash } from 'node:crypto';
import {
  API_BASE,
  isTerminal,
  type RerunRequest,
  type RetryResponse,
  toExecutionId,
  type VersionChoice,
} from '@millrace/contracts';
import { canonicalJson, type Plan, planUntil } from '@millrace/engine';
import type { ExecutionRecord } from '@millrace/persistence';
import { PlanUnavailableError, type RepeatRequest, type SubmitRequest } from '@millrace/runtime';
import { conflict, invalidRequest, type Principal } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { isoTime } from '../http/dates.js';
import type { Admission, Admitted } from './admission.js';
import { misplaced, placeOf, requireStepToRunTo } from './step-place.js';
import type { Executions } from './service.js';
import { callbackOf, keyConflict, type SubmitOptions, traceIdOf } from './submission.js';

/** A retry has no `from_step`: it begins where the earlier execution failed. */
export type RepeatBody = Omit<RerunRequest, 'version'> & { version?: VersionChoice };

export interface Repetition {
  /**
   * Makes a new execution out of a finished one. 409 where that has not ended, or (`retry`) ended well, and where the
   * workflow takes no executions; 422 for steps the version does not have and parameters it does not accept.
   */
  repeat(
    kind: 'retry' | 'rerun',
    caller: Principal,
    id: string,
    body: RepeatBody,
    options?: SubmitOptions,
  ): Promise<RetryResponse>;
}

type Needs = Pick<GatewayContext, 'db' | 'runtime' | 'callbackTargets'> & {
  admission: Admission;
  executions: Pick<Executions, 'get'>;
};

export function createRepetition({ db, runtime, callbackTargets, admission, executions }: Needs): Repetition {
  async function admit(
    caller: Principal,
    earlier: ExecutionRecord,
    version: VersionChoice,
  ): Promise<Admitted> {
    const workflow = await db.asPlatform(({ access }) => access.workflow(earlier.workflowId));
    if (!workflow || workflow.deleted) {
      throw conflict(`Workflow ${earlier.workflowId} was deleted and takes no new executions`);
    }
    const wanted = version === 'same' ? earlier.workflowVersion : undefined;
    return admission.admit(caller, earlier.workflowId, wanted).catch(explainVersion);
  }

  return {
    async repeat(kind, caller, id, body, { idempotencyKey, traceparent } = {}) {
      const earlier = await executions.get(caller, id);
      refuseUnfit(kind, id, earlier);
      const workflow = await admit(caller, earlier, body.version ?? 'same');
      const { plan } = await runtime.plans.load(workflow.workflowId, workflow.version);
      const untilStep = body.until_step === undefined ? earlier.untilStep : body.until_step;
      if (untilStep !== null) requireStepToRunTo(plan, untilStep);
      refuseUnknownSteps(plan, untilStep, body);
      const parameters = workflow.check(body.parameters ?? earlier.parameters, ['body', 'parameters']);
      const callback = await callbackOf(callbackTargets, workflow, body.callback);
      const retry = await runtime.repeats
        .prepare({
          earlier: { ...earlier, executionId: earlier.id },
          workflowVersion: workflow.version,
          untilStep,
          parameters,
          mode: modeOf(kind, body),
          inputs: body.inputs ?? {},
        })
        .catch(explainVersion);
      if (retry === undefined) throw passedBy(body.from_step ?? '');
      const request: SubmitRequest = {
        workflowId: workflow.workflowId,
        workflowVersion: workflow.version,
        // Outputs by reference stay with the earlier execution: whoever may read the new one may read that.
        ownerId: earlier.ownerId,
        submittedBy: { id: caller.userId, username: caller.username },
        ...{ parameters, retry },
        stepsTotal: await workflow.stepsUntil(untilStep ?? undefined),
        traceId: traceIdOf(traceparent),
        ...(untilStep !== null && { untilStep }),
        ...(callback && { callback }),
        ...(idempotencyKey !== undefined && {
          idempotency: { key: idempotencyKey, bodyHash: hashOf(kind, earlier, body) },
        }),
      };
      const outcome = await runtime.submit(request);
      if (outcome.kind === 'idempotency_conflict') throw keyConflict(idempotencyKey ?? '');
      const newId = toExecutionId(outcome.executionId);
      const again = outcome.kind === 'repeated' ? ' before under the same idempotency key' : '';
      return {
        execution_id: newId,
        workflow_id: request.workflowId,
        status: 'queued',
        created_at: isoTime(outcome.createdAt),
        message: `${kind === 'retry' ? 'Retry' : 'Rerun'} of ${toExecutionId(earlier.id)} submitted by ${caller.username}${again}`,
        websocket_url: `${API_BASE}/ws/executions/${newId}`,
        retry_of: toExecutionId(earlier.id),
        reused_steps: retry.reused.map((event) => event.step_id),
      };
    },
  };
}

/** The key under which a failure is retried once, however often and by however many it is asked of all of its kind. */
export function keyOfOnce(id: string): string {
  return `retry-once:${id}`;
}

function refuseUnfit(kind: 'retry' | 'rerun', id: string, { status, isShard }: ExecutionRecord): void {
  if (!isTerminal(status))
    throw conflict(`Execution ${id} is ${status}: it can be repeated when it has ended`);
  if (kind === 'retry' && status === 'completed') {
    throw conflict(`Execution ${id} is completed: there is nothing to retry; rerun it instead`);
  }
  if (isShard) {
    throw conflict(`Execution ${id} is a part of a map: repeat the execution it belongs to (parent_id)`);
  }
}

/**
 * An edited input and the place to begin at belong to steps at the top level that will run, an input also to those of
 * `on_failure`; steps in bodies run with the one that holds the body.
 */
function refuseUnknownSteps(
  plan: Plan,
  untilStep: string | null,
  { inputs = {}, from_step: fromStep }: RepeatBody,
): void {
  const left = untilStep === null ? plan : planUntil(plan, untilStep);
  const reasonAgainst = (stepId: string): string | undefined => {
    const reason = placeOf(plan, stepId) === 'top' ? undefined : misplaced(plan, stepId);
    if (reason !== undefined || left.stepOf.has(stepId)) return reason;
    return `step ${stepId} is not before step ${untilStep ?? ''}, to which the execution runs (until_step)`;
  };
  const errors = Object.keys(inputs).flatMap((stepId) => {
    const msg = reasonAgainst(stepId);
    return msg === undefined ? [] : [{ loc: ['body', 'inputs', stepId], msg, type: 'unknown_step' }];
  });
  if (fromStep !== undefined) {
    const msg = misplaced(plan, fromStep) ?? reasonAgainst(fromStep);
    if (msg !== undefined) errors.push({ loc: ['body', 'from_step'], msg, type: 'unknown_step' });
  }
  if (errors.length > 0) throw invalidRequest(errors);
}

function passedBy(stepId: string): Error {
  const msg = `step ${stepId} was skipped and would be again: begin at the step that decides about it`;
  return invalidRequest([{ loc: ['body', 'from_step'], msg, type: 'skipped_step' }]);
}

function modeOf(kind: 'retry' | 'rerun', { from_step: fromStep }: RepeatBody): RepeatRequest['mode'] {
  return kind === 'retry' ? { kind } : { kind, fromStep };
}

/** Of what the caller asked for, so that the same key on another execution or with other wishes is a conflict. */
function hashOf(kind: string, earlier: ExecutionRecord, { version = 'same', ...body }: RepeatBody): Buffer {
  const { parameters, inputs, from_step, until_step, callback } = body;
  const asked = { [kind]: earlier.id, version, parameters, inputs, from_step, until_step, callback };
  return createHash('sha256').update(canonicalJson(asked)).digest();
}

function explainVersion(error: unknown): never {
  if (error instanceof PlanUnavailableError) {
    throw conflict(`${error.message}; repeat it on the newest version (version: "latest")`);
  }
  throw error;
}
