import { useEffect, useMemo, useRef, useState } from 'react';
import { Skeleton } from '@/components/ui/skeleton';
import { annotationsOf, createRunStatus, GraphCanvas, usePlaced, type CanvasHandle } from '@/features/canvas';
import type { LiveExecution } from './live/live-execution';
import { feedCanvas } from './live/feed-canvas';
import type { LoadedVersion } from './queries';

interface CanvasPaneProps {
  live: LiveExecution;
  version: LoadedVersion;
  selectedStep: string | undefined;
  onSelect: (stepId: string) => void;
  onOpen: (stepId: string) => void;
}

/** The version that runs, with what its steps are doing. */
export function CanvasPane({ live, version, selectedStep, onSelect, onOpen }: CanvasPaneProps) {
  // The view changes once a frame already: what it changed is shown in the same one.
  const [run] = useState(() => createRunStatus(queueMicrotask));
  const canvas = useRef<CanvasHandle>(null);
  useEffect(() => feedCanvas(live, run), [live, run]);
  const drawn = useMemo(
    () => ({ nodes: version.nodes, edges: version.edges, ...annotationsOf(version.ui) }),
    [version],
  );
  const graph = usePlaced(drawn);
  const isThere = graph !== undefined;
  useEffect(() => {
    if (isThere && selectedStep !== undefined) canvas.current?.reveal(selectedStep);
  }, [isThere, selectedStep]);
  const selection = useMemo(
    () => ({ nodes: new Set(selectedStep === undefined ? [] : [selectedStep]), edges: new Set<string>() }),
    [selectedStep],
  );
  if (graph === undefined) return <Skeleton className="m-4 h-40 w-auto" />;
  return (
    <GraphCanvas
      ref={canvas}
      label={`Execution of ${version.name}`}
      mode="view"
      graph={graph}
      run={run}
      selection={selection}
      onSelect={({ nodes }) => {
        const [id] = nodes;
        if (id !== undefined && id !== selectedStep) onSelect(id);
      }}
      onOpen={onOpen}
      hasMinimap={version.nodes.length > 20}
    />
  );
}
