import { useStore } from 'zustand';
import { useCanvas } from './canvas-context';
import { getSmoothStepPath, type ConnectionLineComponentProps } from './rf';

/** The connection under the pointer, and over a step that cannot take it the reason. */
export function ConnectionLine(props: ConnectionLineComponentProps) {
  const { fromX, fromY, toX, toY, fromPosition, toPosition, toNode, connectionStatus } = props;
  const { connecting } = useCanvas();
  const refusal = useStore(connecting, ({ current }) =>
    toNode === null ? undefined : current?.refusals.get(toNode.id),
  );
  const [path] = getSmoothStepPath({
    sourceX: fromX,
    sourceY: fromY,
    targetX: toX,
    targetY: toY,
    sourcePosition: fromPosition,
    targetPosition: toPosition,
    borderRadius: 8,
  });
  const isRefused = connectionStatus === 'invalid' && refusal !== undefined;
  return (
    <g>
      <path
        d={path}
        strokeWidth={2}
        className={isRefused ? 'fill-none stroke-failed' : 'fill-none stroke-accent'}
      />
      {isRefused && (
        <foreignObject x={toX + 12} y={toY + 12} width={280} height={80} className="overflow-visible">
          <p className="w-fit max-w-70 rounded-control border border-failed bg-card px-2 py-1 text-12 text-failed">
            {refusal}
          </p>
        </foreignObject>
      )}
    </g>
  );
}
