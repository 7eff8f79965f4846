import { format } from 'date-fns';
import { Input } from '@/components/ui/input';

interface TimeFilterProps {
  /** RFC 3339. */
  since: string | undefined;
  until: string | undefined;
  onChange: (changes: { since?: string | undefined; until?: string | undefined }) => void;
}

/** From one time to another, in the time zone of this device, which is what the browser's own control knows. */
export function TimeFilter({ since, until, onChange }: TimeFilterProps) {
  return (
    <span className="flex items-center gap-1 text-12 text-muted">
      <Input
        type="datetime-local"
        aria-label="Submitted at or after"
        className="w-48"
        value={localOf(since)}
        onChange={(event) => onChange({ since: rfcOf(event.target.value) })}
      />
      to
      <Input
        type="datetime-local"
        aria-label="Submitted before"
        className="w-48"
        value={localOf(until)}
        onChange={(event) => onChange({ until: rfcOf(event.target.value) })}
      />
    </span>
  );
}

const localOf = (at: string | undefined): string =>
  at === undefined ? '' : format(new Date(at), "yyyy-MM-dd'T'HH:mm");

function rfcOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
