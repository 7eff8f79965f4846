import { Command } from 'cmdk';
import type { ReactNode } from 'react';

export interface ListChoice {
  readonly key: string;
  /** What is shown, and what a search looks through. */
  readonly title: string;
  readonly words?: string;
  readonly detail?: string | undefined;
  readonly icon?: ReactNode;
  readonly group?: string;
  /** Why it cannot be chosen. */
  readonly refusal?: string | undefined;
}

interface ChoiceListProps {
  label: string;
  placeholder: string;
  choices: readonly ListChoice[];
  onChoose: (key: string) => void;
}

/** Every word must be there; what begins with the search comes first. A looser search finds too much among so few. */
function rank(_key: string, search: string, [title = '', words = '']: string[] = []): number {
  const sought = search.toLowerCase().trim();
  if (title.toLowerCase().startsWith(sought)) return 1;
  const all = `${title} ${words}`.toLowerCase();
  return sought.split(/\s+/).every((word) => all.includes(word)) ? 0.5 : 0;
}

/** A list to search in with the keyboard: arrows and Enter. */
export function ChoiceList({ label, placeholder, choices, onChoose }: ChoiceListProps) {
  const groups = [...new Set(choices.map(({ group = '' }) => group))];
  return (
    <Command label={label} loop filter={rank} className="flex max-h-96 flex-col">
      <Command.Input
        autoFocus
        placeholder={placeholder}
        className="h-9 shrink-0 border-b border-line bg-transparent px-3 text-13 outline-none placeholder:text-muted"
      />
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-1">
        <Command.Empty className="p-3 text-12 text-muted">Nothing matches.</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group}
            heading={group === '' ? undefined : group}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-11 [&_[cmdk-group-heading]]:text-muted"
          >
            {choices
              .filter((choice) => (choice.group ?? '') === group)
              .map(({ key, title, words = '', detail, icon, refusal }) => (
                <Command.Item
                  key={key}
                  value={key}
                  keywords={[title, words]}
                  disabled={refusal !== undefined}
                  onSelect={() => onChoose(key)}
                  className="flex cursor-default items-center gap-2 rounded-control px-2 py-1.5 text-13 data-[disabled=true]:opacity-50 data-[selected=true]:bg-hover"
                >
                  {icon}
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{title}</span>
                    {(refusal ?? detail) !== undefined && (
                      <span className="block truncate text-11 text-muted">{refusal ?? detail}</span>
                    )}
                  </span>
                </Command.Item>
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
