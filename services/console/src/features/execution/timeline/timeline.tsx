import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { Switch } from '@/components/ui/choice';
import { Button } from '@/components/ui/button';
import type { LiveExecution } from '../live/live-execution';
import { useExecutionNow } from '../live/use-execution-now';
import { useLive } from '../live/use-live-execution';
import { stepKey, type StepView } from '../live/view';
import { childrenQuery } from '../queries';
import { Axis } from './axis';
import { RangeBrush } from './range-brush';
import { rowsOf, type TimelineRow } from './rows';
import { createScale, type Span } from './scale';
import { TimelineRowView } from './timeline-row';
import { useOpenRows } from './use-open-rows';

export interface StepPlaceOnPage {
  readonly step: string;
  readonly iteration?: string | undefined;
}

interface TimelineProps {
  live: LiveExecution;
  executionId: string;
  selected: StepPlaceOnPage | undefined;
  onSelect: (place: StepPlaceOnPage) => void;
}

const ROW_PX = 28;
const NAMES_PX = 240;
const NAMES_NARROW_PX = 150;
const NO_CHILDREN: readonly never[] = [];

/** What happened when, a line for each step: made of the log alone, never of what steps logged. */
export function Timeline({ live, executionId, selected, onSelect }: TimelineProps) {
  const view = useLive(live, (state) => state.view);
  const nowMs = useExecutionNow(live);
  const { open, toggle } = useOpenRows();
  const [failedOnly, setFailedOnly] = useState(false);
  const [compress, setCompress] = useState(true);
  const [range, setRange] = useState<Span>();
  const box = useRef<HTMLDivElement>(null);

  const mayHaveChildren = [...view.steps.values()].some(hasChildren);
  const children = useQuery({ ...childrenQuery(executionId), enabled: mayHaveChildren });
  const rows = useMemo(() => {
    const all = children.data ?? NO_CHILDREN;
    return rowsOf(view, { open, failedOnly, childrenOf: (step) => (hasChildren(step) ? all : NO_CHILDREN) });
  }, [view, open, failedOnly, children.data]);

  const work = useMemo(() => workOf(view.steps.values()), [view]);
  const originMs = view.phases[0]?.fromMs ?? nowMs;
  const whole: Span = { fromMs: originMs, toMs: Math.max(nowMs, view.atMs ?? 0, originMs + 1) };
  const busy = work.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? whole.toMs }));
  const scale = createScale(range ?? whole, busy, compress);
  const overview = createScale(whole, [], false);

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 800, height: 560 },
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const namesPx = window.innerWidth < 768 ? NAMES_NARROW_PX : NAMES_PX;
  const selectedKey = selected && stepKey(selected.step, selected.iteration);
  const select = (row: TimelineRow): void => {
    if (row.type === 'step') onSelect({ step: row.step.stepId, iteration: row.step.iteration ?? undefined });
    else if (row.type === 'iteration') toggle(row.key);
  };

  return (
    <section aria-label="Timeline" className="flex h-full min-h-0 flex-col bg-card">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-3 py-1">
        <Toggle label="Failed only" checked={failedOnly} onChange={setFailedOnly} />
        <Toggle label="Compress idle time" checked={compress} onChange={setCompress} />
        <RangeBrush
          whole={whole}
          range={range ?? whole}
          onRange={setRange}
          bars={work.slice(0, 400).map(({ fromMs, toMs, failed }) => ({
            ...{ from: overview.position(fromMs), to: overview.position(toMs ?? whole.toMs), failed },
          }))}
        />
        {range && (
          <Button size="sm" variant="ghost" onClick={() => setRange(undefined)}>
            Whole execution
          </Button>
        )}
      </div>
      <Axis scale={scale} namesPx={namesPx} originMs={originMs} />
      <div ref={box} className="min-h-0 flex-1 overflow-y-auto overflow-x-hidden">
        {rows.length === 0 && (
          <p className="p-4 text-13 text-muted">
            {failedOnly ? 'No step has failed.' : 'This execution has no steps.'}
          </p>
        )}
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={key}
                className="absolute inset-x-0"
                style={{ transform: `translateY(${start}px)`, height: ROW_PX }}
              >
                <TimelineRowView
                  row={row}
                  view={view}
                  scale={scale}
                  nowMs={nowMs}
                  namesPx={namesPx}
                  isSelected={row.key === selectedKey}
                  onSelect={select}
                  onToggle={toggle}
                />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

const hasChildren = ({ kind, startedAtMs, iterations }: StepView): boolean =>
  startedAtMs !== null && (kind === 'sub_workflow' || (iterations?.partSize ?? null) !== null);

interface Work {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly failed: boolean;
}

/** Every stretch in which something was done; waiting and sleeping are idle. */
function workOf(steps: Iterable<StepView>): Work[] {
  const work: Work[] = [];
  for (const { history } of steps) {
    for (const { activity, startedAtMs, endedAtMs, askedAtMs, outcome } of history) {
      const toMs = askedAtMs ?? (activity === 'running' ? endedAtMs : startedAtMs);
      work.push({ fromMs: startedAtMs, toMs, failed: outcome === 'failed' });
    }
  }
  return work;
}

interface ToggleProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

const Toggle = ({ label, ...control }: ToggleProps) => (
  <span className="flex items-center gap-1.5 text-12">
    <Switch label={label} {...control} />
    <span aria-hidden>{label}</span>
  </span>
);
