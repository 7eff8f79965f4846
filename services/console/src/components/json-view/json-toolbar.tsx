import type { JsonValue } from '@millrace/contracts';
import { ChevronDown, ChevronsDownUp, ChevronsUpDown, ChevronUp, Download } from 'lucide-react';
import { CopyButton } from '@/components/copy-button';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { saveFile } from '@/lib/save-file';
import { textOf } from './json-row';
import { sizeOf } from './rows';
import { MAX_MATCHES } from './search';

interface JsonToolbarProps {
  value: JsonValue;
  label: string;
  text: string;
  onText: (text: string) => void;
  /** Undefined while they are looked for. */
  matches: number | undefined;
  position: number;
  onPosition: (position: number) => void;
  onOpenAll: (open: boolean) => void;
}

export function JsonToolbar(props: JsonToolbarProps) {
  const { value, label, text, onText, matches, position, onPosition, onOpenAll } = props;
  const isContainer = sizeOf(value) !== null;
  const step = (by: number): void => {
    if (matches !== undefined && matches > 0)
      onPosition((Math.max(position, by > 0 ? -1 : 0) + by + matches) % matches);
  };
  return (
    <div className="flex items-center gap-1">
      {isContainer && (
        <>
          <Input
            type="search"
            aria-label={`Search in ${label}`}
            placeholder="Search keys and values"
            value={text}
            onChange={(event) => onText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
              if (event.key === 'Escape' && text !== '') {
                event.stopPropagation();
                onText('');
              }
            }}
            className="h-7 min-w-0 max-w-60 flex-1 text-12"
          />
          {text.trim() !== '' && (
            <>
              <span role="status" className="whitespace-nowrap text-11 text-muted">
                {foundWords(matches, position)}
              </span>
              <Button variant="ghost" size="icon-sm" hint="Previous match" onClick={() => step(-1)}>
                <ChevronUp aria-hidden className="size-3.5" />
              </Button>
              <Button variant="ghost" size="icon-sm" hint="Next match" onClick={() => step(1)}>
                <ChevronDown aria-hidden className="size-3.5" />
              </Button>
            </>
          )}
        </>
      )}
      <span className="flex-1" />
      {isContainer && (
        <>
          <Button variant="ghost" size="icon-sm" hint="Open all" onClick={() => onOpenAll(true)}>
            <ChevronsUpDown aria-hidden className="size-3.5" />
          </Button>
          <Button variant="ghost" size="icon-sm" hint="Close all" onClick={() => onOpenAll(false)}>
            <ChevronsDownUp aria-hidden className="size-3.5" />
          </Button>
        </>
      )}
      <CopyButton text={() => textOf(value)} what={`Copy ${label}`} />
      <Button
        variant="ghost"
        size="icon-sm"
        hint={`Save ${label} as a file`}
        onClick={() => saveFile(`${label.replaceAll(/\W+/g, '-')}.json`, JSON.stringify(value, null, 2))}
      >
        <Download aria-hidden className="size-3.5" />
      </Button>
    </div>
  );
}

function foundWords(matches: number | undefined, position: number): string {
  if (matches === undefined) return 'Searching …';
  if (matches === 0) return 'No match';
  const all = matches === MAX_MATCHES ? `${matches}+` : String(matches);
  return position < 0 ? all : `${position + 1} of ${all}`;
}
