import type { VersionSummary } from '@millrace/contracts';
import { Badge } from '@/components/ui/badge';
import { Time } from '@/components/time';
import { cx } from '@/lib/classes';
import { plural } from '@/lib/format';

interface VersionListProps {
  versions: readonly VersionSummary[];
  from: number;
  to: number;
  onChoose: (choice: { from: number; to: number }) => void;
}

/** Choosing a version compares it with the one before; the round buttons choose the two sides apart. */
export function VersionList({ versions, from, to, onChoose }: VersionListProps) {
  const before = (version: number): number =>
    versions.find((other) => other.version < version)?.version ?? version;
  return (
    <ul aria-label="Versions">
      {versions.map(({ version, current, restored_from: source, created_at, created_by, node_count }) => (
        <li
          key={version}
          className={cx(
            'flex items-start gap-2 border-b border-line px-3 py-2',
            version === to && 'bg-accent-soft',
          )}
        >
          <span className="flex flex-col gap-1 pt-1">
            <input
              type="radio"
              name="from"
              aria-label={`Compare from version ${version}`}
              checked={version === from}
              onChange={() => onChoose({ from: version, to })}
              className="accent-(--accent)"
            />
            <input
              type="radio"
              name="to"
              aria-label={`Compare to version ${version}`}
              checked={version === to}
              onChange={() => onChoose({ from, to: version })}
              className="accent-(--accent)"
            />
          </span>
          <button
            type="button"
            className="min-w-0 flex-1 text-left"
            onClick={() => onChoose({ from: before(version), to: version })}
          >
            <span className="flex items-center gap-2 text-13 font-medium">
              Version {version}
              {current && <Badge className="border-success bg-card text-success">Current</Badge>}
              {source !== null && <Badge>from {source}</Badge>}
            </span>
            <span className="block text-12 text-muted">
              <Time at={created_at} /> · {created_by} · {plural(node_count, 'step')}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
