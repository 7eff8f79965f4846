import { Command } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { menuItemClasses } from '@/components/ui/menu';
import { Kbd } from '@/components/ui/badge';
import { cx } from '@/lib/classes';
import { usePaletteCommands, type PaletteCommand } from './commands';
import { setPaletteOpen, usePalette } from './palette-store';
import { useFoundThings } from './found';

/** Everything one can go to or do, found by typing. */
export function Palette() {
  const open = usePalette((palette) => palette.open);
  return (
    <Radix.Root open={open} onOpenChange={setPaletteOpen}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[12vh] z-50 w-[calc(100vw-32px)] max-w-xl -translate-x-1/2 overflow-hidden rounded-card border border-line bg-card"
        >
          <Radix.Title className="sr-only">Search or do something</Radix.Title>
          <Search />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Search() {
  const [text, setText] = useState('');
  const commands = usePaletteCommands();
  const found = useFoundThings(text);
  const groups = [...new Set(commands.map(({ group }) => group))];
  const run = ({ act }: PaletteCommand): void => {
    setPaletteOpen(false);
    act();
  };
  return (
    <Command label="Search or do something" loop>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Where to, or what to do?"
        className="h-11 w-full border-b border-line bg-transparent px-4 text-15 outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-1">
        <Command.Empty className="p-4 text-center text-muted">Nothing matches “{text}”.</Command.Empty>
        {found.length > 0 && (
          <Group heading="Found">
            {found.map((command) => (
              <Item key={command.id} command={command} onSelect={run} />
            ))}
          </Group>
        )}
        {groups.map((group) => (
          <Group key={group} heading={group}>
            {commands
              .filter((command) => command.group === group)
              .map((command) => (
                <Item key={command.id} command={command} onSelect={run} />
              ))}
          </Group>
        ))}
      </Command.List>
    </Command>
  );
}

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-11 [&_[cmdk-group-heading]]:text-muted"
  >
    {children}
  </Command.Group>
);

function Item({
  command,
  onSelect,
}: {
  command: PaletteCommand;
  onSelect: (command: PaletteCommand) => void;
}) {
  const { id, label, keys, icon: Icon, note } = command;
  return (
    <Command.Item
      value={`${label} ${id}`}
      keywords={[...(command.words ?? [])]}
      onSelect={() => onSelect(command)}
      className={cx(menuItemClasses, 'data-[selected=true]:bg-hover')}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {note !== undefined && <span className="text-12 text-muted">{note}</span>}
      {keys !== undefined && <Kbd>{keys}</Kbd>}
    </Command.Item>
  );
}
