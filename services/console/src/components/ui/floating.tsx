import { Popover as Radix } from 'radix-ui';
import { useMemo, type ReactNode } from 'react';

interface FloatingProps {
  /** Where on the screen. */
  at: { readonly x: number; readonly y: number };
  label: string;
  onClose: () => void;
  children: ReactNode;
  className?: string;
}

/** A small panel at a point, such as where the pointer is. Escape and a click elsewhere close it. */
export function Floating({ at, label, onClose, children, className = 'w-80 p-0' }: FloatingProps) {
  const { x, y } = at;
  const anchor = useMemo(
    () => ({ current: { getBoundingClientRect: () => new DOMRect(x, y, 0, 0) } }),
    [x, y],
  );
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Anchor virtualRef={anchor} />
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          onCloseAutoFocus={(event) => event.preventDefault()}
          className={`z-50 rounded-card border border-line bg-card shadow-[0_4px_16px_rgb(0_0_0/0.08)] ${className}`}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
