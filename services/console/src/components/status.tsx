import type { ExecutionStatus, StepStatus } from '@millrace/contracts';
import type { ReactNode } from 'react';
import { cx } from '@/lib/classes';

export type ShownStatus = ExecutionStatus | StepStatus;

interface Look {
  readonly word: string;
  readonly color: string;
  /** Within a 16 by 16 box, drawn with the current colour. Shape tells states apart where colour cannot. */
  readonly shape: ReactNode;
}

const ring = <circle cx="8" cy="8" r="5.5" />;
const stroke = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.75, strokeLinecap: 'round' } as const;

const queued = <circle cx="8" cy="8" r="5.5" strokeDasharray="2.2 2.4" />;
const running = (
  <g className="origin-center animate-spin [animation-duration:1.4s]">
    <path d="M8 2.500a5.5 5.5 0 1 1-4.76 2.75" />
  </g>
);
const hourglass = (
  <path d="M4.5 2.500h7M4.5 13.500h7M5 2.500c0 3 3 4 3 5.500s-3 2.5-3 5.500M11 2.500c0 3-3 4-3 5.500s3 2.5 3 5.5" />
);
const check = (
  <>
    <circle cx="8" cy="8" r="6" fill="currentColor" stroke="none" />
    <path d="M5.2 8.200l2 2 3.6-4" className="stroke-card" />
  </>
);
const octagon = (
  <>
    <path d="M5.5 2h5L14 5.500v5L10.5 14h-5L2 10.500v-5z" fill="currentColor" stroke="none" />
    <path d="M6 6l4 4M10 6l-4 4" className="stroke-card" />
  </>
);
const clock = (
  <>
    {ring}
    <path d="M8 5v3.200l2 1.3" />
  </>
);
const slashed = (
  <>
    {ring}
    <path d="M4.2 11.800l7.6-7.6" />
  </>
);
const bars = <path d="M5.75 3.500v9M10.25 3.500v9" strokeWidth={2.5} />;
const again = <path d="M13 8a5 5 0 1 1-1.6-3.650M13 2.500v3h-3" />;
const skipArrow = <path d="M3 4.500c3 0 3 7 6 7h3.500M10.5 9l2.5 2.500L10.5 14" strokeDasharray="2 1.8" />;

export const STATUS_LOOKS: Record<ShownStatus, Look> = {
  queued: { word: 'Queued', color: 'text-neutral', shape: queued },
  pending: { word: 'Pending', color: 'text-neutral', shape: queued },
  running: { word: 'Running', color: 'text-running', shape: running },
  waiting: { word: 'Waiting', color: 'text-waiting', shape: hourglass },
  sleeping: { word: 'Sleeping', color: 'text-waiting', shape: hourglass },
  retrying: { word: 'Retrying', color: 'text-waiting', shape: again },
  paused: { word: 'Paused', color: 'text-paused', shape: bars },
  completed: { word: 'Completed', color: 'text-success', shape: check },
  failed: { word: 'Failed', color: 'text-failed', shape: octagon },
  cancelled: { word: 'Cancelled', color: 'text-neutral', shape: slashed },
  timed_out: { word: 'Timed out', color: 'text-failed', shape: clock },
  skipped: { word: 'Skipped', color: 'text-neutral', shape: skipArrow },
  discarded: { word: 'Discarded', color: 'text-neutral', shape: slashed },
};

/** The shape alone; `label` names it where no word stands beside it. */
export function StatusIcon({
  status,
  label = false,
  className,
}: {
  status: ShownStatus;
  label?: boolean;
  className?: string;
}) {
  const { word, color, shape } = STATUS_LOOKS[status];
  return (
    <svg
      viewBox="0 0 16 16"
      className={cx('size-4 shrink-0', color, className)}
      {...stroke}
      {...(label ? { role: 'img', 'aria-label': word } : { 'aria-hidden': true })}
    >
      {shape}
    </svg>
  );
}

/** Shape and word. */
export function Status({ status, detail }: { status: ShownStatus; detail?: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-bottom whitespace-nowrap">
      <StatusIcon status={status} />
      <span>{STATUS_LOOKS[status].word}</span>
      {detail !== undefined && <span className="text-muted">{detail}</span>}
    </span>
  );
}
