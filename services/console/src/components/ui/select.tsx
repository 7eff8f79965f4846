import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/classes';
import { controlClasses } from './input';
import { menuContentClasses, menuItemClasses } from './menu';

export interface SelectOption<T extends string> {
  value: T;
  label: ReactNode;
  description?: string;
}

interface SelectProps<T extends string> {
  /** undefined shows the placeholder. */
  value: T | undefined;
  onChange: (value: T) => void;
  options: readonly SelectOption<T>[];
  placeholder?: string;
  disabled?: boolean;
  className?: string;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
}

/** One of a few. Values must not be empty text. */
export function Select<T extends string>({
  value,
  onChange,
  options,
  placeholder = 'Choose …',
  disabled = false,
  className,
  ...control
}: SelectProps<T>) {
  return (
    <Radix.Root
      value={value ?? ''}
      onValueChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option) onChange(option.value);
      }}
      disabled={disabled}
    >
      <Radix.Trigger
        {...control}
        className={cx(controlClasses, 'flex h-8 items-center justify-between gap-2 text-left', className)}
      >
        <span className="truncate">
          <Radix.Value placeholder={<span className="text-muted">{placeholder}</span>} />
        </span>
        <Radix.Icon>
          <ChevronDown aria-hidden className="size-3.5 text-muted" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content position="popper" sideOffset={4} collisionPadding={8} className={menuContentClasses}>
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value} className={cx(menuItemClasses, 'pr-7')}>
                <div className="min-w-0">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.description !== undefined && (
                    <span className="block max-w-72 text-11 text-muted">{option.description}</span>
                  )}
                </div>
                <Radix.ItemIndicator className="absolute right-2">
                  <Check aria-hidden className="size-3.5" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
