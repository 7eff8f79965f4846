import { useStore } from 'zustand';
import { cx } from '@/lib/classes';
import { STATUS_LOOKS } from '@/components/status';
import { useCanvas } from './canvas-context';
import { MiniMap, type MiniMapNodeProps } from './rf';

/** The whole workflow in a corner. */
export const CanvasMinimap = () => (
  <MiniMap
    pannable
    zoomable
    ariaLabel="Overview of the workflow"
    className="bg-card! max-md:hidden!"
    maskColor="color-mix(in srgb, var(--background) 70%, transparent)"
    nodeComponent={MinimapNode}
    style={{ width: 168, height: 112 }}
  />
);

function MinimapNode({ id, x, y, width, height, selected }: MiniMapNodeProps) {
  const { run } = useCanvas();
  const status = useStore(run.store, ({ steps }) => steps.get(id)?.status);
  if (id.includes(':'))
    return <rect x={x} y={y} width={width} height={height} rx={8} className="fill-line opacity-50" />;
  const look = status === undefined || status === 'pending' ? undefined : STATUS_LOOKS[status];
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx={16}
      className={cx('fill-current text-line-strong', look?.color, selected && 'text-accent')}
    />
  );
}
