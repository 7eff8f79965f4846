import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '@/lib/copy';
import { toastError } from './toast';
import { Button } from './ui/button';

interface CopyButtonProps {
  /** A function where the text is worth making only when it is wanted. */
  text: string | (() => string);
  what?: string;
  className?: string;
  tabIndex?: number;
}

/** Copies a text and shows for a moment that it did. */
export function CopyButton({ text, what = 'Copy', ...button }: CopyButtonProps) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1_500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = (): void => {
    copyText(typeof text === 'function' ? text() : text).then(
      () => setDone(true),
      (error: unknown) => toastError('Could not copy', error),
    );
  };
  return (
    <Button variant="ghost" size="icon-sm" hint={done ? 'Copied' : what} onClick={copy} {...button}>
      {done ? (
        <Check aria-hidden className="size-3.5 text-success" />
      ) : (
        <Copy aria-hidden className="size-3.5" />
      )}
    </Button>
  );
}
