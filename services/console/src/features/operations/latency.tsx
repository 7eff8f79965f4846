import type { LatencyWindow } from '@millrace/contracts';
import { Table, Td, Th } from '@/components/ui/table';
import { formatCount, formatDuration } from '@/lib/format';

const PERCENTILES = ['p50', 'p95', 'p99'] as const;
const MEASURES = [
  { key: 'queue_wait', word: 'Waiting for a worker' },
  { key: 'duration', word: 'Running' },
] as const;

/** Percentiles of waiting and running, of the last quarter of an hour and the last hour. */
export function Latency({ windows }: { windows: readonly LatencyWindow[] }) {
  return (
    <Table aria-label="Latency percentiles">
      <thead>
        <tr>
          <Th>Ended in the last</Th>
          <Th>
            <span className="sr-only">Measure</span>
          </Th>
          {PERCENTILES.map((name) => (
            <Th key={name} className="text-right">
              {name}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {windows.flatMap((window) =>
          MEASURES.map(({ key, word }, index) => (
            <tr key={`${window.window_seconds} ${key}`}>
              <Td className="text-muted">
                {index === 0 && (
                  <>
                    {formatDuration(window.window_seconds * 1_000)} · {formatCount(window.sample)}
                    {window.exact ? '' : ' sampled'}
                  </>
                )}
              </Td>
              <Td>{word}</Td>
              {PERCENTILES.map((name) => (
                <Td key={name} className="text-right whitespace-nowrap">
                  {window[key] === null ? '–' : formatDuration(window[key][name] * 1_000)}
                </Td>
              ))}
            </tr>
          )),
        )}
      </tbody>
    </Table>
  );
}
