import { ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { Status } from '@/components/status';
import { Button } from '@/components/ui/button';
import { Table, Td, Th } from '@/components/ui/table';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';
import type { Opening } from '../queries';
import { CompareBars } from './compare-timeline';
import { DifferenceList } from './difference-list';
import { pairsOf, type StepPair } from './pairs';

interface CompareStepsProps {
  a: Opening;
  b: Opening;
}

const lengthMs = ({ execution }: Opening): number => {
  const { created_at: from, completed_at: to } = execution;
  return to === null ? 0 : Date.parse(to) - Date.parse(from);
};

/** Every step of both with what became of it, when and how long, and where its outputs differ. */
export function CompareSteps({ a, b }: CompareStepsProps) {
  const pairs = pairsOf(a.steps, b.steps);
  const wholeMs = Math.max(lengthMs(a), lengthMs(b), 1);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string): void => {
    const after = new Set(open);
    if (!after.delete(id)) after.add(id);
    setOpen(after);
  };
  return (
    <Table>
      <thead>
        <tr>
          <Th>Step</Th>
          <Th>A</Th>
          <Th>B</Th>
          <Th>Duration A</Th>
          <Th>Duration B</Th>
          <Th>Difference</Th>
          <Th>When</Th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <Fragment key={pair.stepId}>
            <tr className={cx(pair.isStatusChanged && 'bg-waiting-soft')}>
              <Td>
                <span className="flex items-center gap-1">
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    hint={`${open.has(pair.stepId) ? 'Hide' : 'Show'} the difference of ${pair.name}`}
                    aria-expanded={open.has(pair.stepId)}
                    onClick={() => toggle(pair.stepId)}
                  >
                    <ChevronRight
                      aria-hidden
                      className={cx('size-3.5 transition-transform', open.has(pair.stepId) && 'rotate-90')}
                    />
                  </Button>
                  {pair.name}
                </span>
              </Td>
              <Td>{pair.a ? <Status status={pair.a.status} /> : '–'}</Td>
              <Td>{pair.b ? <Status status={pair.b.status} /> : '–'}</Td>
              <Td>{durationWords(pair.a?.duration_ms)}</Td>
              <Td>{durationWords(pair.b?.duration_ms)}</Td>
              <Td className={cx(pair.slowerMs !== null && pair.slowerMs > 0 && 'text-waiting')}>
                {differenceWords(pair)}
              </Td>
              <Td className="w-1/4">
                <CompareBars
                  a={pair.a}
                  b={pair.b}
                  submittedA={a.execution.created_at}
                  submittedB={b.execution.created_at}
                  wholeMs={wholeMs}
                />
              </Td>
            </tr>
            {open.has(pair.stepId) && (
              <tr>
                <Td colSpan={7} className="bg-raised py-3">
                  <OutputDifference pair={pair} />
                </Td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </Table>
  );
}

function OutputDifference({ pair: { a, b } }: { pair: StepPair }) {
  const refA = a?.output_ref?.reference;
  const refB = b?.output_ref?.reference;
  if (refA !== undefined || refB !== undefined) {
    const words =
      refA === refB ? 'The same large output in both.' : 'An output is too large to be compared here.';
    return <p className="text-13 text-muted">{words}</p>;
  }
  return <DifferenceList before={a?.output} after={b?.output} />;
}

const durationWords = (ms: number | null | undefined): string =>
  typeof ms === 'number' ? formatDuration(ms) : '–';

function differenceWords({ slowerMs }: StepPair): string {
  if (slowerMs === null) return '–';
  if (Math.abs(slowerMs) < 1) return 'none';
  return `${slowerMs > 0 ? '+' : '−'}${formatDuration(Math.abs(slowerMs))}`;
}
