import { Bookmark, Trash2 } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Popover } from '@/components/ui/popover';
import { isFiltered, tidy, type ExecutionsSearch } from './search';

interface View {
  readonly name: string;
  readonly search: ExecutionsSearch;
}

const BUILT_IN: readonly View[] = [
  { name: 'Needs a look', search: { status: ['failed', 'timed_out'], range: '24h' } },
  { name: 'In progress', search: { status: ['queued', 'running', 'waiting', 'paused'] } },
  { name: 'Waiting for somebody', search: { status: ['waiting', 'paused'] } },
];

/** Named filters, kept in this browser. */
const useViews = create<{ readonly views: readonly View[] }>()(
  persist((): { readonly views: readonly View[] } => ({ views: [] }), {
    name: 'millrace-execution-views',
    version: 1,
  }),
);

interface SavedViewsProps {
  search: ExecutionsSearch;
  onOpen: (search: ExecutionsSearch) => void;
}

export function SavedViews({ search, onOpen }: SavedViewsProps) {
  const views = useViews((state) => state.views);
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');

  const save = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const trimmed = name.trim();
    if (trimmed === '') return;
    const others = views.filter((view) => view.name !== trimmed);
    useViews.setState({ views: [...others, { name: trimmed, search: tidy(search) }] });
    setName('');
  };
  const remove = (gone: string): void => {
    useViews.setState({ views: views.filter((view) => view.name !== gone) });
  };

  return (
    <Popover
      label="Saved views"
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button>
          <Bookmark aria-hidden className="size-3.5" />
          Views
        </Button>
      }
    >
      <ul className="flex flex-col">
        {[...BUILT_IN, ...views].map((view, index) => (
          <li key={view.name} className="flex items-center">
            <Button
              variant="ghost"
              className="flex-1 justify-start"
              onClick={() => {
                onOpen(view.search);
                setOpen(false);
              }}
            >
              {view.name}
            </Button>
            {index >= BUILT_IN.length && (
              <Button
                variant="ghost"
                size="icon-sm"
                hint={`Delete ${view.name}`}
                onClick={() => remove(view.name)}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </Button>
            )}
          </li>
        ))}
      </ul>
      <form onSubmit={save} className="mt-2 flex gap-2 border-t border-line pt-2">
        <Input
          aria-label="Name of the view"
          placeholder="Name of the view"
          value={name}
          maxLength={60}
          onChange={(event) => setName(event.target.value)}
        />
        <Button
          type="submit"
          disabledReason={
            isFiltered(search) ? undefined : 'Set a filter first: a view is a filter with a name.'
          }
        >
          Save
        </Button>
      </form>
    </Popover>
  );
}
