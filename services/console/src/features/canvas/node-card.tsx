import { Pin, StickyNote, TriangleAlert } from 'lucide-react';
import { memo, useState } from 'react';
import { StatusIcon, STATUS_LOOKS } from '@/components/status';
import { Tooltip } from '@/components/ui/tooltip';
import { cx } from '@/lib/classes';
import { useCanvas, useConnectable } from './canvas-context';
import { Chip } from './chip';
import { subtitleOf, titleOf } from './describe';
import type { CardNode, Mark } from './flow-types';
import { identityOfNode } from './identity';
import { NodeFooter } from './node-footer';
import { Handle, Position, useStore, type NodeProps } from './rf';
import { useStepRun } from './run-status';

/** Below this a card is less than 25 px high and nobody can read it. */
const READABLE_ZOOM = 25 / 84;

const HANDLE =
  "size-2.5! rounded-full! border! border-line-strong! bg-card! before:absolute before:-inset-2 before:content-[''] hover:border-accent! hover:bg-accent!";

const MARKS: Record<Mark, string> = {
  added: 'outline-2 outline-success',
  removed: 'outline-2 outline-dashed outline-failed',
  changed: 'outline-2 outline-waiting',
};

/** A step on the canvas: 264 by 84. Far away it is a plain bar in the colour of its status. */
export const NodeCard = memo(function NodeCard({ id, data, selected, isConnectable }: NodeProps<CardNode>) {
  const isReadable = useStore(({ transform }) => transform[2] >= READABLE_ZOOM);
  const { run } = useCanvas();
  const status = useStepRun(run, id)?.status;
  const look = status === undefined || status === 'pending' ? undefined : STATUS_LOOKS[status];
  const frame = cx(
    'relative flex size-full rounded-card border border-line bg-card',
    status === 'skipped' && 'border-dashed',
    data.mark !== undefined && MARKS[data.mark],
    selected && 'outline-2 outline-accent',
  );
  if (!isReadable) {
    return (
      <div className={cx(frame, look !== undefined && ['border-current bg-current', look.color])}>
        {/* Edges end at handles, also where none can be seen. */}
        <Handle type="target" position={Position.Left} isConnectable={false} className="opacity-0!" />
        {look === undefined && <span className="m-auto h-6 w-40 rounded-control bg-line" />}
        <Handle type="source" position={Position.Right} isConnectable={false} className="opacity-0!" />
      </div>
    );
  }
  return <FullCard id={id} data={data} frame={frame} isConnectable={isConnectable} />;
});

interface FullCardProps {
  id: string;
  data: CardNode['data'];
  frame: string;
  isConnectable: boolean;
}

function FullCard({ id, data: { node, problems, hasBreakpoint }, frame, isConnectable }: FullCardProps) {
  const { mode, run, toolbar } = useCanvas();
  const step = useStepRun(run, id);
  const connectable = useConnectable(id);
  const [isPointed, setPointed] = useState(false);
  const { disabled, pinned_output: pinned, notes } = node.data;
  const isRunning = step?.status === 'running';
  return (
    <div
      className={cx(
        frame,
        'hover:border-line-strong',
        connectable === 'target' && 'outline-2 outline-success',
        connectable === 'refused' && 'opacity-40',
      )}
      onMouseEnter={() => setPointed(true)}
      onMouseLeave={() => setPointed(false)}
    >
      {isPointed && toolbar && (
        <div className="nodrag nopan absolute -top-9 right-0 z-10 pb-1.5">{toolbar(id)}</div>
      )}
      <Handle type="target" position={Position.Left} isConnectable={isConnectable} className={HANDLE} />
      <div
        className={cx(
          'w-[3px] shrink-0 rounded-l-card',
          step === undefined || step.status === 'pending'
            ? 'bg-line'
            : ['bg-current', STATUS_LOOKS[step.status].color],
        )}
      />
      <div className={cx('flex min-w-0 flex-1 gap-2.5 px-2.5 py-2', disabled && 'opacity-50')}>
        <Chip identity={identityOfNode(node)} />
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="flex items-center gap-1.5">
            <span className={cx('truncate text-13 font-semibold', disabled && 'line-through')}>
              {titleOf(node)}
            </span>
            <span className="flex-1" />
            {step !== undefined && step.status !== 'pending' && <StatusIcon status={step.status} label />}
          </div>
          <span className="truncate text-12 text-muted">{subtitleOf(node)}</span>
          <div className="mt-auto flex h-4 items-center gap-1.5 text-muted">
            <NodeFooter run={run} step={step} />
            <span className="flex-1" />
            {notes !== undefined && notes !== '' && (
              <Tooltip content={notes}>
                <StickyNote role="img" aria-label={`Note: ${notes}`} className="size-3.5" />
              </Tooltip>
            )}
            {pinned !== undefined && (
              <Pin role="img" aria-label="Output pinned" className="size-3.5 text-paused" />
            )}
            {disabled && <span className="text-11">off</span>}
            {problems.length > 0 && mode === 'edit' && <ProblemBadge problems={problems} />}
          </div>
        </div>
      </div>
      {hasBreakpoint && (
        <span
          role="img"
          aria-label="Breakpoint"
          className="absolute -left-1.5 -top-1.5 size-3 rounded-full border-2 border-card bg-paused"
        />
      )}
      {isRunning && <RunningArc />}
      <Handle type="source" position={Position.Right} isConnectable={isConnectable} className={HANDLE} />
    </div>
  );
}

function ProblemBadge({ problems }: { problems: readonly string[] }) {
  const content = (
    <ul>
      {problems.slice(0, 5).map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
      {problems.length > 5 && <li>and {problems.length - 5} more</li>}
    </ul>
  );
  return (
    <Tooltip content={content}>
      <span
        role="img"
        aria-label={`Problem: ${problems.join('; ')}`}
        className="flex items-center gap-0.5 text-11 text-failed"
      >
        <TriangleAlert aria-hidden className="size-3.5" />
        {problems.length > 1 && problems.length}
      </span>
    </Tooltip>
  );
}

/** One arc that travels round the border. */
function RunningArc() {
  return (
    <svg aria-hidden className="pointer-events-none absolute -inset-px size-[calc(100%+2px)] text-running">
      <rect
        x="1"
        y="1"
        width="264"
        height="84"
        rx="8"
        pathLength="100"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray="18 82"
        className="canvas-arc"
      />
    </svg>
  );
}
