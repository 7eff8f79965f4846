/** Whoever answers what executions wait for, as soon as they ask: two people, and the sender of an event. */
import { toExecutionId } from '@millrace/contracts';
import { setTimeout } from 'node:timers/promises';
import type { Target } from '../../integration/worker/support/target.js';
import type { Engine } from '../../support/engine.js';
import type { TestUser } from '../../support/runtime.js';

const LOOK_MS = 50;

interface Asked {
  id: string;
  execution_id: string;
  step_id: string;
  kind: 'approval' | 'verdict';
}

/**
 * Approves what is asked of `ann` and `bob`. Asked what became of a call that left no result, they look at the target:
 * one that arrived has succeeded, any other is to be repeated.
 */
export async function startPeople(engine: Engine, target: Target): Promise<{ stop(): Promise<void> }> {
  const stopped = new AbortController();
  const people = [await engine.createUser('ann'), await engine.createUser('bob')];
  const { approvals, externalEvents } = engine.runtime;

  async function decide({ id, kind, execution_id, step_id }: Asked): Promise<void> {
    if (kind === 'approval') {
      for (const person of people) {
        await approvals.decide({ approvalId: id, by: toDecider(person), decision: 'approve' });
      }
      return;
    }
    const key = `${toExecutionId(execution_id)}/${step_id}/0`;
    const hasArrived = target.calls.some((call) => call.idempotencyKey === key);
    await approvals.decide({
      approvalId: id,
      by: toDecider(engine.owner),
      ...(hasArrived ? { decision: 'succeed', output: { status: 200 } } : { decision: 'retry' }),
    });
  }

  async function look(): Promise<void> {
    const asked = await engine.pool.query<Asked>(
      "SELECT id, execution_id, step_id, kind FROM approvals WHERE status = 'open'",
    );
    for (const each of asked.rows) await decide(each);
    const awaited = await engine.pool.query<{ key: string }>(
      "SELECT key FROM event_waits WHERE status = 'open' AND name = 'paid'",
    );
    for (const { key } of awaited.rows) await externalEvents.send(paid(engine, key, 0));
  }

  async function watch(): Promise<void> {
    while (!stopped.signal.aborted) {
      await look();
      await setTimeout(LOOK_MS);
    }
  }

  const watching = watch();
  watching.catch(() => undefined);
  return {
    async stop() {
      stopped.abort();
      await watching;
    },
  };
}

export function paid(engine: Engine, key: string, ttlSeconds: number) {
  return {
    ...{ ownerId: engine.owner.id, name: 'paid', key, payload: { amount: 122 } },
    ...{ sentBy: engine.owner.id, ttlSeconds },
  };
}

function toDecider({ id, username }: TestUser): { id: string; username: string; admin: boolean } {
  return { id, username, admin: false };
}
