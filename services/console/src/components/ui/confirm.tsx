import { AlertDialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { ErrorNote } from '@/components/error-note';
import { Button } from './button';

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What will happen, in one or two sentences. */
  consequence: ReactNode;
  /** The verb: "Cancel 12 executions". */
  action: string;
  danger?: boolean;
  /** Closes when it resolves; stays open and says what failed when it throws. */
  onConfirm: () => Promise<void>;
}

/** Asks before something that cannot be undone. What can be undone offers that in a toast instead. */
export function Confirm({
  open,
  onOpenChange,
  title,
  consequence,
  action,
  danger = true,
  onConfirm,
}: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function confirm(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <Radix.Content className="fixed left-1/2 top-[18vh] z-50 flex w-[calc(100vw-32px)] max-w-md -translate-x-1/2 flex-col gap-3 rounded-card border border-line bg-card p-4">
          <Radix.Title className="text-15 font-semibold">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="text-13 text-muted">{consequence}</div>
          </Radix.Description>
          {error !== undefined && <ErrorNote error={error} />}
          <div className="flex justify-end gap-2 pt-1">
            <Radix.Cancel asChild>
              <Button>Back</Button>
            </Radix.Cancel>
            <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
              {action}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
