import type { ShownStatus } from '@/components/status';
import { cx } from '@/lib/classes';
import { formatCountdown } from '../layout/words';
import type { Scale } from './scale';
import type { Segment } from './segments';

/** What a finished attempt looks like; while it goes on its kind says how. */
const DONE: Partial<Record<ShownStatus, string>> = {
  completed: 'bg-success',
  failed: 'bg-failed',
  timed_out: 'bg-failed',
};

const KINDS: Readonly<Record<Segment['kind'], string>> = {
  queued: 'h-1 border-t border-dashed border-neutral',
  dispatched: 'h-1 bg-neutral/40',
  running: 'h-3 rounded-[2px]',
  waiting: 'h-3 rounded-[2px] border border-waiting bg-waiting-soft',
  sleeping: 'h-3 rounded-[2px] border border-waiting bg-waiting-soft',
  backoff: 'h-2 border-y border-waiting text-waiting hatched',
};

const WORDS: Readonly<Record<Segment['kind'], string>> = {
  queued: 'queued',
  dispatched: 'dispatched',
  running: 'running',
  waiting: 'waiting',
  sleeping: 'sleeping',
  backoff: 'waiting to retry',
};

export const segmentWords = ({ kind, attempt }: Segment): string =>
  attempt > 1 || kind === 'backoff' ? `${WORDS[kind]}, attempt ${attempt}` : WORDS[kind];

interface BarsProps {
  segments: readonly Segment[];
  status: ShownStatus;
  scale: Scale;
  nowMs: number;
}

/** The segments of one line. A bar is never narrower than three pixels, however short what it stands for. */
export function Bars({ segments, status, scale, nowMs }: BarsProps) {
  const shown = segments.filter(({ fromMs, toMs }) => toMs >= scale.span.fromMs && fromMs <= scale.span.toMs);
  return shown.map((segment) => {
    const from = scale.position(segment.fromMs);
    const to = scale.position(segment.toMs);
    const countdown = segment.kind === 'backoff' && segment.isOpen ? segment.toMs - nowMs : undefined;
    return (
      <div
        key={`${segment.kind}-${segment.fromMs}-${segment.attempt}`}
        data-segment={segment.kind}
        title={segmentWords(segment)}
        className={cx(
          'absolute top-1/2 min-w-[3px] -translate-y-1/2',
          KINDS[segment.kind],
          colorOf(segment, status),
        )}
        style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
      >
        {countdown !== undefined && (
          // Near the right end, where an open back-off mostly is, there is room on its left only.
          <span
            className={cx(
              'absolute top-1/2 -translate-y-1/2 whitespace-nowrap rounded-control bg-card px-1 text-11 text-waiting',
              to > 0.7 ? 'right-full mr-1' : 'left-full ml-1',
            )}
          >
            next retry in {formatCountdown(countdown)}
          </span>
        )}
      </div>
    );
  });
}

function colorOf({ kind, hasFailed, isOpen }: Segment, status: ShownStatus): string {
  if (kind !== 'running') return '';
  if (hasFailed) return 'bg-failed';
  if (isOpen && status !== 'cancelled') return 'bg-running';
  return DONE[status] ?? (status === 'running' ? 'bg-running' : 'bg-neutral');
}
