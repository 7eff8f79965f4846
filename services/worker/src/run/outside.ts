import {
  type AnswerPayload,
  type JsonObject,
  type LoopPlan,
  inTurns,
  parseJsonSlices,
  type Shard,
  shardScope,
  toExecutionId,
} from '@millrace/contracts';
import { type Loop, openParts, partItems, reachableSteps, type StepState } from '@millrace/engine';
import type { ChildRequest, Claim, WorkerDoor } from '@millrace/runtime';

import { toJsonText, UNLIMITED } from './storable.js';

type Outcome = AnswerPayload['outcome'];

export interface OutsideOptions {
  door: Pick<WorkerDoor, 'openWaits' | 'closeWaits' | 'startChildren' | 'cancelChildren' | 'storeOutput'>;
  /** Fires when the claim is lost. */
  fence: AbortSignal;
  /** Resolves when everything the state says is committed: nobody outside may learn of a start that is not. */
  flush(): Promise<void>;
  /** An answer that is there at once: a child that was refused, or one that nobody waits for. */
  onAnswer(answer: AnswerPayload): void;
}

/** What was made known of one waiting step. */
interface Known {
  readonly attempt: number;
  /** Only other executions know of it. */
  readonly isForChildren: boolean;
  /** Child executions that were started. */
  readonly slots: Set<number>;
  /** Of a map in parts: what its body sees, stored once for all of them. */
  scope: Shard['scope'] | undefined;
}

/**
 * Makes known outside what an execution waits for: approvals to people, names of events to their senders, child
 * executions to the queue. Everything it does may be repeated, and after a crash it is.
 */
export class Outside {
  readonly #claim: Claim;
  readonly #options: OutsideOptions;
  readonly #known = new Map<StepState, Known>();
  #syncing: Promise<void> | undefined;

  constructor(claim: Claim, options: OutsideOptions) {
    this.#claim = claim;
    this.#options = options;
  }

  /** Is anything waited for that is not known outside, or known that is not waited for? */
  get isBehind(): boolean {
    const { waits } = this.#claim.state;
    for (const [step, { attempt }] of this.#known) {
      if (!waits.has(step) || step.attempt !== attempt) return true;
    }
    for (const step of waits) {
      const known = this.#known.get(step);
      if (known === undefined || newParts(step, known).length > 0) return true;
    }
    return false;
  }

  /** Do child executions run parts of this one? Their answers come soon, and many. */
  get hasParts(): boolean {
    for (const { loop } of this.#claim.state.waits) if (loop !== null) return true;
    return false;
  }

  /** Is something being made known just now? Whether it can be, and what comes of it, is open until then. */
  get isBusy(): boolean {
    return this.#syncing !== undefined;
  }

  /**
   * Catches up with what was waited for when it began: one call works at a time, and others wait for it. Rejects when the
   * claim is lost.
   */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async #sync(): Promise<void> {
    const { waits } = this.#claim.state;
    // What begins to wait from here on is not committed by this flush; its answer would come before its start.
    const begun = Array.from(waits, (step) => ({ step, attempt: step.attempt }));
    await this.#options.flush();
    await this.#close();
    const waiting = begun.filter(({ step, attempt }) => waits.has(step) && step.attempt === attempt);
    await this.#open(waiting.map(({ step }) => step));
  }

  /** Losing this costs an approval that nobody can use, or a child that a sweep cancels. */
  async #close(): Promise<void> {
    const { state, executionId } = this.#claim;
    const { door } = this.#options;
    const over = [...this.#known].filter(
      ([step, { attempt }]) => !state.waits.has(step) || step.attempt !== attempt,
    );
    for (const [step] of over) this.#known.delete(step);
    const places = over
      .filter(([, { isForChildren }]) => !isForChildren)
      .map(([step, { attempt }]) => ({ ...placeOf(step), attempt }));
    // A step that completed has heard of its children's ends.
    const parents = over
      .filter(([{ status }, { isForChildren }]) => isForChildren && status !== 'completed')
      .map(([step]) => placeOf(step));
    const nothing = (): undefined => undefined;
    if (places.length > 0) await door.closeWaits(executionId, places).catch(nothing);
    for (const parent of parents) await door.cancelChildren(executionId, parent).catch(nothing);
  }

  async #open(waiting: readonly StepState[]): Promise<void> {
    const { door, fence } = this.#options;
    const fresh: StepState[] = [];
    const requests: { step: StepState; request: ChildRequest }[] = [];
    for (const step of waiting) {
      const known = this.#known.get(step) ?? knownOf(step);
      if (!this.#known.has(step)) fresh.push(step);
      this.#known.set(step, known);
      for (const request of await this.#childrenOf(step, known)) {
        known.slots.add(request.slot);
        requests.push({ step, request });
      }
    }
    const waits = fresh.flatMap((step) =>
      step.wait === null || step.wait.type === 'child'
        ? []
        : [
            {
              ...placeOf(step),
              attempt: step.attempt,
              wait: step.wait,
              dueAt: step.dueAt === null ? null : new Date(step.dueAt),
            },
          ],
    );
    if (waits.length > 0) await door.openWaits(this.#claim, waits, fence);
    if (requests.length === 0) return;
    const started = await door.startChildren(
      this.#claim,
      requests.map(({ request }) => request),
      fence,
    );
    started.forEach((child, position) => {
      const at = requests[position];
      if (at === undefined) return;
      const { step, request } = at;
      if (!child.ok) this.#answer(step, request, { ok: false, error: child.error });
      else if (request.detached) {
        this.#answer(step, request, { ok: true, output: { execution_id: toExecutionId(child.executionId) } });
      }
    });
  }

  #answer({ step, frame }: StepState, { attempt, slot }: ChildRequest, outcome: Outcome): void {
    this.#options.onAnswer({
      step_id: step.id,
      ...(frame.iteration !== null && { iteration: frame.iteration }),
      attempt,
      slot,
      outcome,
    });
  }

  async #childrenOf(step: StepState, known: Known): Promise<ChildRequest[]> {
    const { wait, loop } = step;
    if (loop !== null) return this.#partsOf(step, loop, known);
    if (wait?.type !== 'child' || known.slots.has(0)) return [];
    return [
      {
        ...placeOf(step),
        attempt: step.attempt,
        slot: 0,
        detached: wait.detached,
        workflowId: wait.workflow_id,
        version: wait.workflow_version ?? 'latest',
        parameters: wait.parameters,
      },
    ];
  }

  async #partsOf(step: StepState, loop: Loop, known: Known): Promise<ChildRequest[]> {
    const parts = newParts(step, known);
    if (parts.length === 0) return [];
    const { workflowId, workflowVersion, parameters } = this.#claim;
    known.scope ??= await this.#storeScope(step);
    const { scope } = known;
    const { concurrency } = openParts(loop);
    return parts.map((part) => ({
      ...placeOf(step),
      attempt: step.attempt,
      slot: part,
      detached: false,
      workflowId,
      version: workflowVersion,
      parameters,
      shard: this.#shardOf(step, scope, { ...partItems(loop, part), concurrency }),
    }));
  }

  #shardOf({ step, frame }: StepState, scope: Shard['scope'], loop: LoopPlan): JsonObject {
    const { iteration } = frame;
    const { rootId } = this.#claim;
    return jsonOf({ step_id: step.id, iteration, root_id: rootId, loop, scope } satisfies Shard);
  }

  /** What the body may read and no more: every part reads it again. */
  async #storeScope({ step, frame: { scope } }: StepState): Promise<Shard['scope']> {
    const { door, fence } = this.#options;
    const { index, item } = scope;
    const names = step.body === null ? null : reachableSteps(step.body);
    const steps = Object.fromEntries(Object.entries(scope.steps).filter(([id]) => names?.has(id) ?? true));
    const json = await toJsonText({ steps, ...(index !== undefined && { index, item: item ?? null }) });
    const value = await inTurns(parseJsonSlices(json, UNLIMITED));
    const stored = await door.storeOutput(this.#claim.executionId, value, json, fence);
    return 'output' in stored ? { output: shardScope.parse(stored.output) } : stored;
  }
}

function knownOf({ attempt, loop, wait }: StepState): Known {
  const isForChildren = loop !== null || wait?.type === 'child';
  return { attempt, isForChildren, slots: new Set(), scope: undefined };
}

/** What is JSON but for members that are undefined. A check would walk through all of it once more. */
function jsonOf(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function placeOf({ step, frame }: StepState): { stepId: string; iteration: string | null } {
  return { stepId: step.id, iteration: frame.iteration };
}

/** Parts that should be under way and were not started yet. */
function newParts({ loop }: StepState, { slots }: Known): number[] {
  return loop === null ? [] : openParts(loop).parts.filter((part) => !slots.has(part));
}
