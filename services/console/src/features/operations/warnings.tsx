import type { OperationsResource } from '@millrace/contracts';
import { TriangleAlert } from 'lucide-react';
import { formatDuration, plural } from '@/lib/format';

const LONG_WAIT_SECONDS = 60;

/** What needs somebody, in words. Nothing when nothing does. */
export function warningsOf({ queue, workers }: OperationsResource): string[] {
  const alive = workers.filter(({ state }) => state === 'alive');
  const lost = workers.filter(({ state }) => state === 'lost');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = alive.reduce((sum, worker) => sum + worker.busy, 0);
  const wait = queue.oldest_runnable_seconds ?? 0;
  const found: string[] = [];
  if (alive.length === 0)
    found.push(
      queue.runnable.count > 0
        ? `No worker is there, and ${plural(queue.runnable.count, 'execution')} could run. Start a worker.`
        : 'No worker is there: nothing that is submitted now will run. Start a worker.',
    );
  else if (wait > LONG_WAIT_SECONDS)
    found.push(
      `An execution has been waiting for a worker for ${formatDuration(wait * 1_000)}.` +
        (busy >= slots ? ' All slots are taken: add workers.' : ''),
    );
  if (queue.hints === null)
    found.push('The queue cannot be reached. What is submitted is kept, and runs when the queue is back.');
  if (lost.length > 0)
    found.push(
      `${plural(lost.length, 'worker')} stopped without saying so (${lost.map(({ host, pid }) => `${host}:${pid}`).join(', ')}). Others go on with what they had.`,
    );
  return found;
}

export function Warnings({ operations }: { operations: OperationsResource }) {
  const found = warningsOf(operations);
  if (found.length === 0) return null;
  return (
    <ul role="alert" className="flex flex-col gap-2">
      {found.map((words) => (
        <li
          key={words}
          className="flex items-start gap-2 rounded-card border border-waiting/40 bg-waiting-soft px-3 py-2"
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-waiting" />
          {words}
        </li>
      ))}
    </ul>
  );
}
