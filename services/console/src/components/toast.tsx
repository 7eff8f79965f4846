import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { create } from 'zustand';
import { cx } from '@/lib/classes';
import { errorWords } from './error-note';
import { Button } from './ui/button';

interface Toast {
  readonly id: number;
  readonly title: string;
  readonly description?: string | undefined;
  readonly tone?: 'plain' | 'failure';
  /** Such as "Undo". The toast closes when it is chosen. */
  readonly action?: { readonly label: string; readonly onSelect: () => void } | undefined;
  readonly durationMs?: number;
}

const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));
let lastId = 0;

/** Says what has just happened. */
export function toast(words: Omit<Toast, 'id'>): void {
  lastId += 1;
  const added: Toast = { ...words, id: lastId };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-3), added] }));
}

/** Says that something the person did has failed; what they had entered is still where it was. */
export function toastError(what: string, error: unknown): void {
  const { summary, requestId } = errorWords(error);
  const description = requestId === undefined ? summary : `${summary} (request ${requestId})`;
  toast({ title: what, description, tone: 'failure', durationMs: 12_000 });
}

const dismiss = (id: number): void => {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }));
};

export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <Radix.Provider swipeDirection="right">
      {toasts.map(({ id, title, description, tone = 'plain', action, durationMs = 6_000 }) => (
        <Radix.Root
          key={id}
          duration={durationMs}
          type={tone === 'failure' ? 'foreground' : 'background'}
          onOpenChange={(open) => {
            if (!open) dismiss(id);
          }}
          className={cx(
            'flex items-start gap-2 rounded-card border border-line bg-card p-3 shadow-[0_4px_16px_rgb(0_0_0/0.1)]',
            tone === 'failure' && 'border-l-4 border-l-failed',
          )}
        >
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-13 font-medium">{title}</Radix.Title>
            {description !== undefined && (
              <Radix.Description className="break-words text-12 text-muted">{description}</Radix.Description>
            )}
          </div>
          {action && (
            <Radix.Action altText={action.label} asChild>
              <Button size="sm" onClick={action.onSelect}>
                {action.label}
              </Button>
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <Button variant="ghost" size="icon-sm" aria-label="Dismiss">
              <X aria-hidden className="size-3.5" />
            </Button>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed bottom-4 right-4 z-70 flex w-90 max-w-[calc(100vw-32px)] flex-col gap-2" />
    </Radix.Provider>
  );
}
