import type { LogLine } from '@millrace/contracts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { usePreferences } from '@/app/preferences';
import { Button } from '@/components/ui/button';
import { cx } from '@/lib/classes';
import { formatClock, formatCount } from '@/lib/format';
import { useTail } from './use-tail';

const COLORS: Readonly<Record<LogLine['level'], string>> = {
  debug: 'text-muted',
  info: 'text-ink',
  warn: 'text-waiting',
  error: 'text-failed',
};

interface LogListProps {
  lines: readonly LogLine[];
  /** Whether lines of several attempts are among them. */
  showAttempts: boolean;
}

/** Lines of a log, only those in sight on the page, following the end until somebody scrolls up. */
export function LogList({ lines, showAttempts }: LogListProps) {
  const timeZone = usePreferences((preferences) => preferences.timeZone);
  const { box, onScroll, unseen, toEnd } = useTail(lines.length);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 20,
    overscan: 20,
    initialRect: { width: 400, height: 400 },
    getItemKey: (index) => {
      const line = lines[index];
      return line === undefined ? index : `${line.attempt}.${line.line}`;
    },
  });
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        className="absolute inset-0 overflow-auto font-mono text-12 leading-5 outline-offset-[-2px]"
      >
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <div
                key={key}
                data-index={index}
                ref={virtualizer.measureElement}
                className="absolute inset-x-0 flex gap-2 px-3 hover:bg-hover"
                style={{ transform: `translateY(${start}px)` }}
              >
                <time dateTime={line.timestamp} className="shrink-0 text-muted">
                  {formatClock(new Date(line.timestamp), timeZone)}
                </time>
                {showAttempts && <span className="shrink-0 text-muted">#{line.attempt}</span>}
                <span className={cx('w-10 shrink-0', COLORS[line.level])}>{line.level}</span>
                <span className="min-w-0 flex-1 whitespace-pre-wrap break-words">{line.message}</span>
              </div>
            );
          })}
        </div>
      </div>
      {unseen > 0 && (
        <Button size="sm" onClick={toEnd} className="absolute bottom-3 left-1/2 -translate-x-1/2">
          <ArrowDown aria-hidden className="size-3.5" />
          {formatCount(unseen)} new
        </Button>
      )}
    </div>
  );
}
