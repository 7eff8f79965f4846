import type { ThroughputMinute } from '@millrace/contracts';
import { usePreferences } from '@/app/preferences';
import { formatClock, formatCount } from '@/lib/format';

const WIDTH = 600;
const HEIGHT = 120;

const SERIES = [
  { key: 'completed', word: 'completed', fill: 'fill-success' },
  { key: 'failed', word: 'failed', fill: 'fill-failed' },
  { key: 'timed_out', word: 'timed out', fill: 'fill-waiting' },
  { key: 'cancelled', word: 'cancelled', fill: 'fill-neutral' },
] as const;

const totalOf = (minute: ThroughputMinute): number => SERIES.reduce((sum, { key }) => sum + minute[key], 0);

/** The first minute, the last, and what lies evenly between them. */
function ticksOf(minutes: readonly ThroughputMinute[]): string[] {
  const indexes = [0, 1, 2, 3, 4].map((part) => Math.round((part / 4) * (minutes.length - 1)));
  return [...new Set(indexes)].flatMap((index) => minutes[index]?.minute ?? []);
}

/** Executions that ended, a bar a minute, by how they ended. */
export function Throughput({ minutes }: { minutes: readonly ThroughputMinute[] }) {
  const timeZone = usePreferences((preferences) => preferences.timeZone);
  const most = Math.max(1, ...minutes.map(totalOf));
  const step = WIDTH / Math.max(1, minutes.length);
  const ended = minutes.reduce((sum, minute) => sum + totalOf(minute), 0);
  return (
    <figure className="rounded-card border border-line bg-card p-3">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-32 w-full"
        role="img"
        aria-label={`${formatCount(ended)} executions ended in the last hour, at most ${formatCount(most)} a minute`}
      >
        {minutes.map((minute, index) => (
          <Bar key={minute.minute} minute={minute} x={index * step} width={step - 1} most={most}>
            {`${formatClock(new Date(minute.minute), timeZone)}: ${SERIES.map(({ key, word }) => `${minute[key]} ${word}`).join(', ')}${minute.exact ? '' : ' (estimated)'}`}
          </Bar>
        ))}
      </svg>
      <div aria-hidden className="flex justify-between border-t border-line pt-1 text-11 text-muted">
        {ticksOf(minutes).map((minute) => (
          <span key={minute}>{formatClock(new Date(minute), timeZone).slice(0, 5)}</span>
        ))}
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 text-12 text-muted">
        {SERIES.map(({ key, word, fill }) => (
          <span key={key} className="flex items-center gap-1.5">
            <svg viewBox="0 0 8 8" aria-hidden className="size-2">
              <rect width="8" height="8" className={fill} />
            </svg>
            {word}
          </span>
        ))}
        <span className="ml-auto">at most {formatCount(most)} a minute</span>
      </figcaption>
    </figure>
  );
}

interface BarProps {
  minute: ThroughputMinute;
  x: number;
  width: number;
  most: number;
  children: string;
}

function Bar({ minute, x, width, most, children }: BarProps) {
  const parts = SERIES.map(({ key, fill }) => ({ key, fill, height: (minute[key] / most) * HEIGHT }));
  const bottoms = parts.map((_, index) => parts.slice(0, index).reduce((sum, { height }) => sum + height, 0));
  return (
    <g>
      <title>{children}</title>
      <rect x={x} width={width} height={HEIGHT} className="fill-transparent hover:fill-hover" />
      {parts.map(({ key, fill, height }, index) => (
        <rect
          key={key}
          x={x}
          width={width}
          y={HEIGHT - (bottoms[index] ?? 0) - height}
          height={height}
          className={fill}
        />
      ))}
    </g>
  );
}
