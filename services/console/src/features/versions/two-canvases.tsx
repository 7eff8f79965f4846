import type { VersionResource } from '@millrace/contracts';
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  annotationsOf,
  GraphCanvas,
  NOTHING_SELECTED,
  usePlaced,
  type CanvasHandle,
  type Selection,
} from '@/features/canvas';
import type { Viewport } from '@/features/canvas/rf';
import { marksFor, type VersionChange } from './diff';

interface TwoCanvasesProps {
  left: VersionResource;
  right: VersionResource;
  changes: readonly VersionChange[];
  chosen: VersionChange | undefined;
  onChoose: (key: string) => void;
}

/** Both versions, always showing the same part. */
export function TwoCanvases({ left, right, changes, chosen, onChoose }: TwoCanvasesProps) {
  const [viewport, setViewport] = useState<Viewport>({ x: 40, y: 40, zoom: 0.7 });
  const sides = [
    { version: left, side: 'from' },
    { version: right, side: 'to' },
  ] as const;
  return (
    <div className="grid min-h-0 flex-1 grid-cols-2 max-md:grid-cols-1 max-md:grid-rows-2">
      {sides.map(({ version, side }) => (
        <Side
          key={side}
          version={version}
          side={side}
          changes={changes}
          chosen={chosen}
          onChoose={onChoose}
          viewport={viewport}
          onViewport={setViewport}
        />
      ))}
    </div>
  );
}

interface SideProps {
  version: VersionResource;
  side: 'from' | 'to';
  changes: readonly VersionChange[];
  chosen: VersionChange | undefined;
  onChoose: (key: string) => void;
  viewport: Viewport;
  onViewport: (viewport: Viewport) => void;
}

function Side({ version, side, changes, chosen, onChoose, viewport, onViewport }: SideProps) {
  const canvas = useRef<CanvasHandle>(null);
  const drawn = useMemo(
    () => ({ nodes: version.nodes, edges: version.edges, ...annotationsOf(version.ui) }),
    [version],
  );
  const graph = usePlaced(drawn);
  const isThere = graph !== undefined;
  const marks = useMemo(() => marksFor(changes, side), [changes, side]);
  const absent = side === 'from' ? 'added' : 'removed';
  const stepId = chosen?.what === 'step' && chosen.mark !== absent ? chosen.id : undefined;
  const selection = useMemo((): Selection => {
    if (stepId !== undefined) return { nodes: new Set([stepId]), edges: new Set() };
    const isEdge = chosen?.what === 'edge' && chosen.mark !== absent;
    return isEdge ? { nodes: new Set(), edges: new Set([chosen.id]) } : NOTHING_SELECTED;
  }, [stepId, chosen, absent]);

  useEffect(() => {
    if (isThere && stepId !== undefined) canvas.current?.reveal(stepId);
  }, [isThere, stepId]);

  const choose = ({ nodes, edges }: Selection): void => {
    const id = [...nodes][0] ?? [...edges][0];
    const change = changes.find((one) => one.id === id);
    if (change) onChoose(change.key);
  };
  return (
    <section
      aria-label={`Version ${version.version}`}
      className="relative min-h-0 min-w-0 border-r border-line last:border-r-0 max-md:border-b"
    >
      <h2 className="absolute left-3 top-3 z-10 rounded-control border border-line bg-card px-2 py-0.5 text-12 font-medium">
        Version {version.version}
      </h2>
      {graph && (
        <GraphCanvas
          ref={canvas}
          label={`Version ${version.version}`}
          mode="view"
          graph={graph}
          marks={marks}
          selection={selection}
          onSelect={choose}
          viewport={viewport}
          onViewport={onViewport}
        />
      )}
    </section>
  );
}
