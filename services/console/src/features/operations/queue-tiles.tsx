import type { BoundedCount, ExecutionStatus, OperationsResource, WorkerResource } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount, formatDuration } from '@/lib/format';

interface QueueTilesProps {
  queue: OperationsResource['queue'];
  workers: readonly WorkerResource[];
}

/** The figures of this moment; each leads to the executions it counts. */
export function QueueTiles({ queue, workers }: QueueTilesProps) {
  const alive = workers.filter(({ state }) => state === 'alive');
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = alive.reduce((sum, worker) => sum + worker.busy, 0);
  const wait = queue.oldest_runnable_seconds;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line md:grid-cols-4 xl:grid-cols-8">
      <Tile name="Runnable" note="no worker yet">
        {shown(queue.runnable)}
      </Tile>
      <Tile name="Oldest wait" note="of a runnable one">
        {wait === null ? '–' : formatDuration(wait * 1_000)}
      </Tile>
      <Tile name="Queued" statuses={['queued']}>
        {shown(queue.queued)}
      </Tile>
      <Tile name="Running" statuses={['running']}>
        {shown(queue.running)}
      </Tile>
      <Tile name="Waiting" statuses={['waiting']}>
        {shown(queue.waiting)}
      </Tile>
      <Tile name="Paused" statuses={['paused']}>
        {shown(queue.paused)}
      </Tile>
      <Tile name="Slots" note={`${alive.length} ${alive.length === 1 ? 'worker' : 'workers'}`}>
        {busy} / {slots}
      </Tile>
      <Tile name="Queue window" note="hints, of at most">
        {queue.hints === null ? 'away' : formatCount(queue.hints.waiting + queue.hints.active)} /{' '}
        {formatCount(queue.window_size)}
      </Tile>
    </dl>
  );
}

const shown = ({ count, exact }: BoundedCount): string => `${formatCount(count)}${exact ? '' : '+'}`;

interface TileProps {
  name: string;
  note?: string;
  statuses?: ExecutionStatus[];
  children: ReactNode;
}

function Tile({ name, note, statuses, children }: TileProps) {
  return (
    <div className="flex flex-col bg-card px-3 py-2">
      <dt className="text-12 text-muted">
        {statuses === undefined ? (
          name
        ) : (
          <Link to="/executions" search={{ status: statuses }} className="hover:underline">
            {name} →
          </Link>
        )}
      </dt>
      <dd className="text-18 font-semibold whitespace-nowrap">{children}</dd>
      {note !== undefined && <dd className="text-11 text-muted">{note}</dd>}
    </div>
  );
}
