import { Search } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Chip } from '@/features/canvas/chip';
import { addAnywhere } from './actions/connect';
import { AGENT_CHOICES, matches, TOOL_CHOICES, type StepChoice } from './step-choices';
import { useBuilder } from './store';

/** The type under which a choice travels from the palette to the canvas. */
export const STEP_MIME = 'application/x-millrace-step';

/** Every agent type and every tool: to click, to drag onto the canvas, or to find by a word. */
export function Palette() {
  const [search, setSearch] = useState('');
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const agents = AGENT_CHOICES.filter((choice) => matches(choice, search));
  const tools = TOOL_CHOICES.filter((choice) => matches(choice, search));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative m-2">
        <Search aria-hidden className="absolute left-2 top-2 size-4 text-muted" />
        <Input
          type="search"
          aria-label="Search the steps"
          placeholder="Search steps"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="pl-8"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <Part title="Agents" choices={agents} disabledReason={readOnlyReason} />
        <Part title="Tools" choices={tools} disabledReason={readOnlyReason} />
        {agents.length + tools.length === 0 && (
          <div className="p-2 text-12 text-muted">
            Nothing matches “{search}”.{' '}
            <Button size="sm" variant="ghost" onClick={() => setSearch('')}>
              Clear
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

interface PartProps {
  title: string;
  choices: readonly StepChoice[];
  disabledReason: string | undefined;
}

function Part({ title, choices, disabledReason }: PartProps) {
  if (choices.length === 0) return null;
  return (
    <section aria-label={title} className="mb-2">
      <h2 className="px-1 py-1 text-11 font-medium text-muted">{title}</h2>
      <ul className="flex flex-col gap-0.5">
        {choices.map((choice) => (
          <li key={choice.key}>
            <button
              type="button"
              draggable={disabledReason === undefined}
              aria-disabled={disabledReason === undefined ? undefined : true}
              title={disabledReason ?? choice.identity.description}
              className="flex w-full cursor-grab items-center gap-2 rounded-control px-1.5 py-1 text-left hover:bg-hover aria-disabled:cursor-not-allowed aria-disabled:opacity-50"
              onDragStart={(event) => {
                event.dataTransfer.setData(STEP_MIME, choice.key);
                event.dataTransfer.effectAllowed = 'copy';
              }}
              onClick={() => {
                if (disabledReason === undefined) addAnywhere(choice);
              }}
            >
              <Chip identity={choice.identity} size={24} />
              <span className="min-w-0 flex-1 truncate text-13">{choice.identity.title}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
