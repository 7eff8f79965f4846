import type { WorkerResource } from '@millrace/contracts';
import { Empty } from '@/components/empty';
import { Time } from '@/components/time';
import { Table, Td, Th } from '@/components/ui/table';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';

const STATES = {
  alive: { word: '● alive', color: 'text-success' },
  draining: { word: '◐ draining', color: 'text-waiting' },
  lost: { word: '✕ lost', color: 'text-failed' },
} as const;

export function WorkersTable({ workers }: { workers: readonly WorkerResource[] }) {
  if (workers.length === 0)
    return (
      <Empty title="No workers">
        Start one with the same settings as the gateway: it appears here at once.
      </Empty>
    );
  return (
    <Table aria-label="Workers">
      <thead>
        <tr>
          <Th>Worker</Th>
          <Th>State</Th>
          <Th>Slots</Th>
          <Th>Heartbeat</Th>
          <Th>Started</Th>
          <Th>Version</Th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <tr key={worker.worker_id}>
            <Td>
              <span title={worker.worker_id}>
                {worker.host} <span className="text-muted">process {worker.pid}</span>
              </span>
            </Td>
            <Td className={cx('whitespace-nowrap', STATES[worker.state].color)}>
              {STATES[worker.state].word}
            </Td>
            <Td>
              <Slots busy={worker.busy} slots={worker.slots} />
            </Td>
            <Td className="whitespace-nowrap">{formatDuration(worker.heartbeat_age_seconds * 1_000)} ago</Td>
            <Td>
              <Time at={worker.started_at} />
            </Td>
            <Td className="text-muted">{worker.version}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Slots({ busy, slots }: { busy: number; slots: number }) {
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <span aria-hidden className="flex h-1.5 w-24 overflow-hidden rounded-full bg-line">
        <span className="bg-running" style={{ width: `${(busy / Math.max(1, slots)) * 100}%` }} />
      </span>
      {busy} of {slots}
    </span>
  );
}
