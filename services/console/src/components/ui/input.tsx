import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from 'react';
import { cx } from '@/lib/classes';

export const controlClasses =
  'w-full rounded-control border border-line-strong/60 bg-card px-2.5 text-13 text-ink placeholder:text-muted ' +
  'hover:border-line-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 ' +
  'disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-failed';

export function Input({
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> | undefined }) {
  return <input className={cx(controlClasses, 'h-8', className)} autoComplete="off" {...rest} />;
}

export function Textarea({
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> | undefined }) {
  return <textarea className={cx(controlClasses, 'min-h-16 py-1.5', className)} {...rest} />;
}
