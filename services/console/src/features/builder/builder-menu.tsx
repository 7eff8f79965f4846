import { useRights } from '@/api/session';
import { MenuAt, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { ACTIONS, type Action, type ActionName } from './actions/list';
import { useBuilder } from './store';
import { openMenu, useBuilderView } from './view';

const SEPARATOR = '-';
type Entry = ActionName | typeof SEPARATOR;

const ENTRIES: Record<'node' | 'edge' | 'pane', readonly Entry[]> = {
  node: [
    'open',
    'enter',
    'runTo',
    SEPARATOR,
    'rename',
    'connect',
    'disable',
    'pin',
    'group',
    SEPARATOR,
    'copy',
    'cut',
    'duplicate',
    SEPARATOR,
    'selectUp',
    'selectDown',
    SEPARATOR,
    'remove',
  ],
  edge: ['remove'],
  pane: ['add', 'note', 'paste', SEPARATOR, 'selectAll', 'tidy', 'fit', SEPARATOR, 'undo', 'redo'],
};

/** What can be done with what was pressed, after the second button. */
export function BuilderMenu() {
  const menu = useBuilderView((view) => view.menu);
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  if (!menu) return null;
  const shown = ENTRIES[menu.target.type].filter((entry) => entry === SEPARATOR || possible(ACTIONS[entry]));
  return (
    <MenuAt at={menu.at} label="Actions" onClose={() => openMenu(undefined)}>
      {shown.map((entry, at) =>
        entry === SEPARATOR ? (
          at > 0 && at < shown.length - 1 && shown[at + 1] !== SEPARATOR && <MenuSeparator key={at} />
        ) : (
          <Item
            key={entry}
            action={ACTIONS[entry]}
            readOnlyReason={readOnlyReason}
            isDanger={entry === 'remove'}
          />
        ),
      )}
    </MenuAt>
  );
}

const possible = ({ isPossible }: Action): boolean => isPossible?.() !== false;

function Item({
  action,
  readOnlyReason,
  isDanger,
}: {
  action: Action;
  readOnlyReason: string | undefined;
  isDanger: boolean;
}) {
  const runReason = useRights().whyNot('workflow:execute');
  const [keys] = action.keys;
  return (
    <MenuItem
      danger={isDanger}
      {...(keys !== undefined && { keys: keys.replace('ArrowLeft', '←').replace('ArrowRight', '→') })}
      disabledReason={action === ACTIONS.runTo ? runReason : action.isEdit ? readOnlyReason : undefined}
      // What it opens must not be closed again together with the menu.
      onSelect={() => setTimeout(() => action.run())}
    >
      {action.title}
    </MenuItem>
  );
}
