import { type AnswerPayload, eventKey, eventName, type JsonValue, type Wait } from '@millrace/contracts';
import {
  addressesWithEvents,
  type ClaimedExecution,
  closeAbandonedApprovals,
  closeApprovals,
  closeApprovalsOf,
  deleteEventWaitsOf,
  type EventAddress,
  inTransaction,
  lockAddresses,
  type NewApproval,
  openApprovals,
  openEventWaits,
  type Queryable,
  requireFollowUp,
  sendSignals,
  settleEventWaits,
  type SignalDelivery,
  SWEEP_BATCH,
  takeEvent,
  type TaskPlace,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Signaller } from './signal.js';

/** A task that waits for something outside its execution. Waits for children are none of these: see `startChildren`. */
export interface OpenWait extends TaskPlace {
  wait: Wait;
  /** When it has waited in vain; null without a limit. */
  dueAt: Date | null;
}

export type WaitingExecution = Pick<
  ClaimedExecution,
  'executionId' | 'epoch' | 'workflowId' | 'ownerId' | 'submittedById'
> & { workflowName: string };

export interface Waits {
  /**
   * Lets people and events answer these tasks. Repeating it changes nothing, so every open wait of a recovered
   * execution is given again. An event that was kept for one is delivered at once, as a signal.
   * Does nothing when the claim is over. Rejects when Postgres is away.
   */
  open(execution: WaitingExecution, waits: readonly OpenWait[]): Promise<void>;
  /** These tasks wait no more: out of time, discarded, skipped. Those that were answered stay as they are. */
  close(executionId: string, tasks: readonly TaskPlace[]): Promise<void>;
  /** Everything of executions that have ended. */
  closeOf(executionIds: readonly string[]): Promise<void>;
  /** The sweep: approvals of executions that have ended. */
  closeAbandoned(): Promise<number>;
}

type EventTask = TaskPlace & { name: string; key: string; deadline: Date | null };

const toPlace = ({ stepId, iteration, attempt }: TaskPlace): TaskPlace => ({ stepId, iteration, attempt });

function toApprovals({ wait, dueAt, ...task }: OpenWait): NewApproval[] {
  const common = { ...toPlace(task), deadline: dueAt };
  if (wait.type === 'approval') {
    return [
      {
        ...common,
        kind: 'approval',
        message: wait.message,
        approvers: wait.approvers,
        required: wait.required,
        excludeSubmitter: wait.exclude_submitter,
        defaultOutcome: wait.default_outcome ?? null,
      },
    ];
  }
  if (wait.type !== 'verdict') return [];
  const anybody = { approvers: [], required: 1, excludeSubmitter: false, defaultOutcome: null };
  return [{ ...common, kind: 'verdict', message: wait.message, ...anybody }];
}

function toEventTasks({ wait, dueAt, ...task }: OpenWait): EventTask[] {
  if (wait.type !== 'event') return [];
  return [{ ...toPlace(task), name: wait.name, key: wait.key, deadline: dueAt }];
}

/** Names and keys come out of expressions: what no sender can give is an error of the step. */
function problemOf({ name, key }: EventTask): string | undefined {
  const checks = { name: eventName.safeParse(name), key: eventKey.safeParse(key) };
  for (const [what, checked] of Object.entries(checks)) {
    if (!checked.success)
      return `The ${what} of the awaited event: ${checked.error.issues[0]?.message ?? 'is wrong'}`;
  }
  return undefined;
}

/** Texts of an approval come out of expressions too, and no text of the database holds this character. */
function problemOfApproval({ wait }: OpenWait): string | undefined {
  if (wait.type !== 'approval') return undefined;
  const isStorable = [wait.message, ...wait.approvers].every((text) => !text.includes('\u0000'));
  return isStorable
    ? undefined
    : 'The message or an approver of the approval holds the character U+0000: remove it';
}

/** The payload of a signal that answers a task. */
export function answerTo(task: TaskPlace, outcome: AnswerPayload['outcome']): AnswerPayload {
  const { stepId, iteration, attempt } = task;
  return { step_id: stepId, ...(iteration !== null && { iteration }), attempt, outcome };
}

/** What a task hears of an event that it has received. */
export function eventAnswer(task: TaskPlace, payload: JsonValue): AnswerPayload {
  return answerTo(task, { ok: true, output: payload, branch: 'received' });
}

function impossibleWait(task: TaskPlace, message: string): AnswerPayload {
  const error = { code: 'invalid_input', message, fault: 'workflow', retryable: false } as const;
  return answerTo(task, { ok: false, error });
}

/** Of events kept for tasks that begin to wait, each task takes one. */
async function takeKept(
  tx: Queryable,
  executionId: string,
  opened: readonly (EventAddress & TaskPlace)[],
): Promise<AnswerPayload[]> {
  const addressOf = ({ name, key }: EventAddress): string => JSON.stringify([name, key]);
  const withEvents = new Set((await addressesWithEvents(tx, opened)).map(addressOf));
  const answers: AnswerPayload[] = [];
  for (const wait of opened) {
    const event = withEvents.has(addressOf(wait)) ? await takeEvent(tx, wait) : undefined;
    if (event === undefined) continue;
    await settleEventWaits(tx, [{ ...toPlace(wait), executionId }], 'received');
    answers.push(eventAnswer(wait, event.payload));
  }
  return answers;
}

export function createWaits(context: RuntimeContext, signaller: Pick<Signaller, 'announce'>): Waits {
  const { db, settings, crash } = context;

  /** One transaction under the owner it was begun for; `moved` when the execution belongs to somebody else by now. */
  async function register(
    tx: Queryable,
    execution: WaitingExecution,
    waits: readonly OpenWait[],
  ): Promise<{ moved: string } | { deliveries: SignalDelivery[] }> {
    const { executionId, ownerId } = execution;
    const tasks = waits.flatMap(toEventTasks);
    const events = tasks
      .filter((task) => problemOf(task) === undefined)
      .map((task) => ({ ...task, ownerId }));
    // The addresses before the execution: whoever sends an event locks in that order.
    if (events.length > 0) await lockAddresses(tx, events);
    const owner = await requireFollowUp(tx, execution);
    if (owner === undefined) return { deliveries: [] };
    if (owner.ownerId !== ownerId) return { moved: owner.ownerId };
    const approvals = waits.filter((wait) => problemOfApproval(wait) === undefined).flatMap(toApprovals);
    if (approvals.length > 0) await openApprovals(tx, { ...execution, id: executionId }, approvals);
    const opened = events.length > 0 ? await openEventWaits(tx, executionId, events) : [];
    const answers = opened.length > 0 ? await takeKept(tx, executionId, opened) : [];
    for (const task of tasks) {
      const problem = problemOf(task);
      if (problem !== undefined) answers.push(impossibleWait(task, problem));
    }
    for (const wait of waits) {
      const problem = problemOfApproval(wait);
      if (problem !== undefined) answers.push(impossibleWait(wait, problem));
    }
    if (answers.length === 0) return { deliveries: [] };
    const messages = answers.map((payload) => ({ executionId, payload }));
    const event = { kind: 'event', sentBy: null } as const;
    return { deliveries: await sendSignals(tx, event, messages, settings.redispatchSeconds) };
  }

  return {
    async open(execution, waits) {
      if (!waits.some(({ wait }) => wait.type !== 'child')) return;
      for (let { ownerId } = execution; ;) {
        const owned = { ...execution, ownerId };
        const outcome = await inTransaction(db, (tx) => register(tx, owned, waits));
        if ('moved' in outcome) {
          ownerId = outcome.moved;
          continue;
        }
        if (outcome.deliveries.length === 0) return;
        crash('signal_committed_not_dispatched');
        return signaller.announce(outcome.deliveries);
      }
    },
    async close(executionId, tasks) {
      if (tasks.length === 0) return;
      await closeApprovals(db, executionId, tasks);
      await settleEventWaits(
        db,
        tasks.map((task) => ({ ...toPlace(task), executionId })),
        'closed',
      );
    },
    async closeOf(executionIds) {
      await closeApprovalsOf(db, executionIds);
      await deleteEventWaitsOf(db, executionIds);
    },
    closeAbandoned: () => closeAbandonedApprovals(db, SWEEP_BATCH),
  };
}
