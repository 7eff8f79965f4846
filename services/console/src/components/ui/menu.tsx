import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cx } from '@/lib/classes';

export const menuContentClasses =
  'z-50 min-w-44 max-h-[60vh] overflow-y-auto rounded-card border border-line bg-card p-1 shadow-[0_4px_16px_rgb(0_0_0/0.08)]';
export const menuItemClasses =
  'flex cursor-default select-none items-center gap-2 rounded-control px-2 py-1.5 text-13 outline-none data-highlighted:bg-hover data-disabled:opacity-50';

export function Menu({
  trigger,
  align = 'end',
  children,
}: {
  trigger: ReactElement;
  align?: 'start' | 'end';
  children: ReactNode;
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className={menuContentClasses}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A menu at a point of the screen, as after a press of the second button. */
export function MenuAt({
  at,
  label,
  onClose,
  children,
}: {
  at: { readonly x: number; readonly y: number };
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Trigger asChild>
        <span aria-hidden tabIndex={-1} className="fixed size-0" style={{ left: at.x, top: at.y }} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="start"
          collisionPadding={8}
          aria-label={label}
          onCloseAutoFocus={(event) => event.preventDefault()}
          className={menuContentClasses}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  /** Why it cannot be chosen; shown below its name. */
  disabledReason?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, keys, danger = false, disabledReason, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={disabledReason !== undefined}
      onSelect={onSelect}
      className={cx(menuItemClasses, danger && 'text-failed')}
    >
      {icon !== undefined && (
        <span className="flex size-4 items-center justify-center [&>svg]:size-4">{icon}</span>
      )}
      <span className="flex-1">
        {children}
        {disabledReason !== undefined && <span className="block text-11 text-muted">{disabledReason}</span>}
      </span>
      {keys !== undefined && <kbd className="font-mono text-11 text-muted">{keys}</kbd>}
    </Radix.Item>
  );
}

export const MenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />;
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 py-1 text-11 font-medium text-muted">{children}</Radix.Label>
);
