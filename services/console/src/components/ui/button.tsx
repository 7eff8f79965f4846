import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react';
import { cx } from '@/lib/classes';
import { Tooltip } from './tooltip';

const variants = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control border font-medium transition-colors duration-120 aria-disabled:opacity-50 aria-disabled:cursor-not-allowed',
  {
    variants: {
      variant: {
        primary: 'border-transparent bg-accent text-on-accent hover:not-aria-disabled:opacity-90',
        secondary: 'border-line bg-card text-ink hover:not-aria-disabled:bg-hover',
        ghost: 'border-transparent bg-transparent text-ink hover:not-aria-disabled:bg-hover',
        danger: 'border-line bg-card text-failed hover:not-aria-disabled:bg-failed-soft',
      },
      size: {
        sm: 'h-7 px-2 text-12',
        md: 'h-8 px-3 text-13',
        icon: 'size-8 text-13',
        'icon-sm': 'size-7 text-12',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
);

export type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> &
  VariantProps<typeof variants> & {
    ref?: Ref<HTMLButtonElement> | undefined;
    /** Why it cannot be used now. It stays in the tab order, so that everybody can learn the reason. */
    disabledReason?: string | undefined;
    /** Work is under way: shown, and further clicks do nothing. */
    busy?: boolean | undefined;
    /** What the tooltip says; also the accessible name where there is no text. */
    hint?: string | undefined;
    children?: ReactNode;
  };

export function Button({
  variant,
  size,
  className,
  disabledReason,
  busy = false,
  hint,
  onClick,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const blocked = busy || disabledReason !== undefined;
  const isIcon = size === 'icon' || size === 'icon-sm';
  const button = (
    <button
      type={type}
      className={cx(variants({ variant, size }), className)}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-label={isIcon ? hint : undefined}
      onClick={(event: MouseEvent<HTMLButtonElement>) => {
        if (blocked) event.preventDefault();
        else onClick?.(event);
      }}
      {...rest}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {!(busy && isIcon) && children}
    </button>
  );
  const words = disabledReason ?? hint;
  return words === undefined ? button : <Tooltip content={words}>{button}</Tooltip>;
}
