import { usePreferences } from '@/app/preferences';
import { formatRelative, formatTime } from '@/lib/format';
import { useNow } from '@/lib/use-now';
import { Tooltip } from './ui/tooltip';

interface TimeProps {
  /** RFC 3339, or null for a dash. */
  at: string | null | undefined;
  /** `relative` says how long ago, with the exact time in its tooltip. */
  style?: 'relative' | 'exact';
}

export function Time({ at, style = 'relative' }: TimeProps) {
  const timeZone = usePreferences((preferences) => preferences.timeZone);
  if (at === null || at === undefined) return <span className="text-muted">–</span>;
  const exact = formatTime(new Date(at), timeZone);
  if (style === 'exact') return <time dateTime={at}>{exact}</time>;
  return (
    <Tooltip content={exact}>
      <time dateTime={at} className="whitespace-nowrap">
        <Relative at={at} />
      </time>
    </Tooltip>
  );
}

/** Apart, so that the clock renders text and not tooltips. */
function Relative({ at }: { at: string }) {
  return formatRelative(Date.parse(at), useNow());
}
