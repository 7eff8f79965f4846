import { isJsonObject, type JsonValue } from '@millrace/contracts';
import { ChevronRight } from 'lucide-react';
import { memo, useState } from 'react';
import { CopyButton } from '@/components/copy-button';
import { cx } from '@/lib/classes';
import { formatBytes, formatCount, plural } from '@/lib/format';
import { expressionOf } from './path';
import { sizeOf, type JsonRow } from './rows';

/** Characters of a text that its line shows. */
const LINE = 160;
/** Characters of a text that are put on the page at all; copying takes all of them. */
const SHOWN = 100_000;

interface JsonRowProps {
  row: JsonRow;
  /** The expression that leads to the value as a whole. */
  root: string;
  isMatch: boolean;
  onToggle: (row: JsonRow) => void;
}

export const JsonRowView = memo(function JsonRowView({ row, root, isMatch, onToggle }: JsonRowProps) {
  const { depth, expandable, open, name, value, group, path } = row;
  return (
    <div
      className={cx('group/row flex items-start gap-1 pr-2 hover:bg-hover', isMatch && 'bg-waiting-soft')}
      style={{ paddingLeft: depth * 14 + 4 }}
    >
      <span className="flex h-5 w-4 shrink-0 items-center justify-center">
        {expandable && (
          <button
            type="button"
            tabIndex={-1}
            aria-hidden
            onClick={() => onToggle(row)}
            className="flex size-4 items-center justify-center text-muted hover:text-ink"
          >
            <ChevronRight className={cx('size-3 transition-transform duration-120', open && 'rotate-90')} />
          </button>
        )}
      </span>
      <div className="min-w-0 flex-1 break-words">
        {name !== undefined && (
          <span className={typeof name === 'number' ? 'text-muted' : 'text-ink'}>{name}: </span>
        )}
        {group ? (
          <span className="text-muted">
            {formatCount(group.from)} … {formatCount(group.to - 1)}
          </span>
        ) : (
          <Value value={value} open={open} />
        )}
      </div>
      {!group && (
        <span className="invisible flex h-5 shrink-0 items-center group-focus-within/row:visible group-hover/row:visible">
          <CopyButton text={expressionOf(root, path)} what="Copy path" tabIndex={-1} className="size-5" />
          <CopyButton text={() => textOf(value)} what="Copy value" tabIndex={-1} className="size-5" />
        </span>
      )}
    </div>
  );
});

/** What copying a value gives: a text as it is, all else as JSON. */
export const textOf = (value: JsonValue): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function Value({ value, open }: { value: JsonValue; open: boolean }) {
  if (typeof value === 'string') return <Text text={value} />;
  if (typeof value !== 'object' || value === null) {
    return <span className={value === null ? 'text-muted' : 'text-running'}>{String(value)}</span>;
  }
  const size = sizeOf(value) ?? 0;
  if (Array.isArray(value)) {
    return <span className="text-muted">{size === 0 ? '[]' : `[${plural(size, 'item')}]`}</span>;
  }
  if (size === 0) return <span className="text-muted">{'{}'}</span>;
  return <span className="text-muted">{open ? `{${plural(size, 'key')}}` : preview(value)}</span>;
}

function preview(value: JsonValue): string {
  if (!isJsonObject(value)) return '';
  const names = Object.keys(value);
  const shown = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ', …' : '';
  return shown.length > 80 ? `{${plural(names.length, 'key')}}` : `{${shown}${more}}`;
}

function Text({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const isLong = text.length > LINE || text.includes('\n');
  if (!isLong) return <span className="text-success">{JSON.stringify(text)}</span>;
  const [firstLine = ''] = text.slice(0, LINE).split('\n', 1);
  const size = formatBytes(text.length);
  return (
    <>
      {!whole && <span className="text-success">{JSON.stringify(firstLine).slice(0, -1)}…</span>}
      <button
        type="button"
        tabIndex={-1}
        onClick={() => setWhole(!whole)}
        className="ml-1 rounded-control px-1 font-sans text-11 text-accent hover:bg-accent-soft"
      >
        {whole ? 'Show less' : `Show all (${size})`}
      </button>
      {whole && (
        <pre className="my-1 max-h-80 overflow-auto whitespace-pre-wrap rounded-control border border-line bg-raised p-2 text-12">
          {text.slice(0, SHOWN)}
          {text.length > SHOWN && `\n… (${size} in all; copy it to have the rest)`}
        </pre>
      )}
    </>
  );
}
