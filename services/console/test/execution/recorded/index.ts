import type { EventFrame, ExecutionResource, StepSummary, VersionResource } from '@millrace/contracts';
import { structureOf } from '@/features/execution/live/structure';
import { emptyView, type ExecutionView } from '@/features/execution/live/view';
import cancelled from './cancelled.json';
import completed from './completed.json';
import failed from './failed.json';
import rerun from './rerun.json';
import waiting from './waiting.json';

/** An execution as a platform had it: its log, and what the platform itself made of it. */
export interface Recording {
  readonly execution: ExecutionResource;
  readonly version: Pick<VersionResource, 'nodes' | 'edges'>;
  readonly events: readonly EventFrame[];
  readonly steps: readonly StepSummary[];
}

// JSON files have wider types than what they hold.
const read = (recording: unknown): Recording => recording as Recording;

export const RECORDINGS: Readonly<Record<string, Recording>> = {
  waiting: read(waiting),
  completed: read(completed),
  failed: read(failed),
  cancelled: read(cancelled),
  rerun: read(rerun),
};

export function recording(name: string): Recording {
  const found = RECORDINGS[name];
  if (found === undefined) throw new Error(`There is no recording "${name}"`);
  return found;
}

export const emptyViewOf = ({ steps, version }: Recording): ExecutionView =>
  emptyView(steps, structureOf(version));
