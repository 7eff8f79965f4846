import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '@/lib/copy';
import { toastError } from './toast';
import { Button } from './ui/button';

/** Copies a text and shows for a moment that it did. */
export function CopyButton({ text, what = 'Copy' }: { text: string; what?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1_500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = (): void => {
    copyText(text).then(
      () => setDone(true),
      (error: unknown) => toastError('Could not copy', error),
    );
  };
  return (
    <Button variant="ghost" size="icon-sm" hint={done ? 'Copied' : what} onClick={copy}>
      {done ? (
        <Check aria-hidden className="size-3.5 text-success" />
      ) : (
        <Copy aria-hidden className="size-3.5" />
      )}
    </Button>
  );
}
