import { Plus } from 'lucide-react';
import { memo, useState } from 'react';
import { cx } from '@/lib/classes';
import { useCanvas } from './canvas-context';
import type { Mark, StepFlowEdge } from './flow-types';
import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, useStore, type EdgeProps } from './rf';
import { useEdgeRun, type EdgeRun } from './run-status';

const STROKES: Record<EdgeRun, string> = {
  taken: 'stroke-ink! stroke-2!',
  untaken: 'stroke-line! stroke-[1.5]!',
  failed: 'stroke-failed! stroke-2!',
  skipped: 'stroke-line-strong! stroke-[1.5]! [stroke-dasharray:4_4]!',
};

const MARK_STROKES: Record<Mark, string> = {
  added: 'stroke-success! stroke-2!',
  removed: 'stroke-failed! stroke-2! [stroke-dasharray:4_4]!',
  changed: 'stroke-waiting! stroke-2!',
};

/** How far an edge leaves its card before it bends: less where two cards stand close, or it would turn back on itself. */
const bendBetween = (sourceX: number, targetX: number): number =>
  targetX > sourceX ? Math.min(20, (targetX - sourceX) / 2) : 20;

/** Labels are read from here on; further away they would only be specks. */
const LABEL_ZOOM = 0.4;

/** The way from a step to the next: solid where it was taken, muted where not, red with ✕ where it failed. */
export const StepEdge = memo(function StepEdge(props: EdgeProps<StepFlowEdge>) {
  const { id, data, source, target, selected = false, sourceX, sourceY, targetX, targetY } = props;
  const { run, mode, onInsert } = useCanvas();
  const state = useEdgeRun(run, data?.port ?? null, source, target);
  const isNear = useStore(({ transform }) => transform[2] >= LABEL_ZOOM);
  const [isPointed, setPointed] = useState(false);
  const [path, x, y] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition: props.sourcePosition,
    targetPosition: props.targetPosition,
    borderRadius: 8,
    offset: bendBetween(sourceX, targetX),
  });
  const label = data?.edge.label ?? '';
  const showsPlus = mode === 'edit' && onInsert !== undefined && isNear && (isPointed || selected);
  return (
    <g onMouseEnter={() => setPointed(true)} onMouseLeave={() => setPointed(false)}>
      <BaseEdge
        path={path}
        interactionWidth={24}
        className={cx(
          'fill-none stroke-line-strong! stroke-[1.5]!',
          state !== undefined && STROKES[state],
          data?.mark !== undefined && MARK_STROKES[data.mark],
          isPointed && mode === 'edit' && 'stroke-ink!',
          selected && 'stroke-accent! stroke-2!',
        )}
      />
      {isNear && (label !== '' || state === 'failed' || showsPlus) && (
        <EdgeLabelRenderer>
          <div
            className="nodrag nopan pointer-events-auto absolute flex items-center gap-1"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            onMouseEnter={() => setPointed(true)}
            onMouseLeave={() => setPointed(false)}
          >
            {label !== '' && <Pill label={label} state={state} isSelected={selected} />}
            {state === 'failed' && (
              <span
                role="img"
                aria-label="Failed"
                className="rounded-full bg-background px-1 text-12 text-failed"
              >
                ✕
              </span>
            )}
            {showsPlus && (
              <button
                type="button"
                aria-label="Insert a step here"
                title="Insert a step here"
                className="relative flex size-5 items-center justify-center rounded-full border border-line-strong bg-card text-ink before:absolute before:-inset-1 hover:border-accent hover:bg-accent hover:text-on-accent"
                onClick={(event) => onInsert(id, { x: event.clientX, y: event.clientY })}
              >
                <Plus aria-hidden className="size-3" />
              </button>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </g>
  );
});

function Pill({
  label,
  state,
  isSelected,
}: {
  label: string;
  state: EdgeRun | undefined;
  isSelected: boolean;
}) {
  return (
    <span
      className={cx(
        'max-w-32 truncate rounded-full border border-line bg-card px-2 text-11 text-ink',
        (state === 'untaken' || state === 'skipped') && 'text-muted',
        label === 'error' && 'text-failed',
        isSelected && 'border-accent text-accent',
      )}
    >
      {label}
    </span>
  );
}
