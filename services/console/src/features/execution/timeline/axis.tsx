import { formatDuration } from '@/lib/format';
import { ticksOf, type Scale } from './scale';

/** Time since the beginning, and where stretches without work were made narrow. */
export function Axis({ scale, namesPx, originMs }: { scale: Scale; namesPx: number; originMs: number }) {
  return (
    <div aria-hidden className="flex h-6 shrink-0 border-b border-line text-11 text-muted">
      <div className="shrink-0 border-r border-line" style={{ width: namesPx }} />
      <div className="relative mx-2 min-w-0 flex-1">
        {ticksOf(scale, 8).map((ms) => {
          const at = scale.position(ms);
          return (
            <span
              key={ms}
              className="absolute bottom-0 top-0 flex items-center whitespace-nowrap border-l border-line pl-1"
              style={{ left: `${at * 100}%` }}
            >
              {at < 0.94 && (ms === originMs ? '0' : formatDuration(ms - originMs))}
            </span>
          );
        })}
        {scale.gaps.map((gap) => (
          <span
            key={gap.fromMs}
            title={`${formatDuration(gap.toMs - gap.fromMs)} without work`}
            className="hatched absolute inset-y-0 border-x border-line bg-card text-line-strong"
            style={{ left: `${gap.at * 100}%`, width: `${gap.width * 100}%` }}
          />
        ))}
      </div>
    </div>
  );
}
