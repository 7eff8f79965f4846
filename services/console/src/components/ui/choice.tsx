import { Check } from 'lucide-react';
import { Checkbox as RadixCheckbox, Switch as RadixSwitch, ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/classes';

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  /** Its accessible name where no label element names it. */
  label?: string;
  id?: string;
  disabled?: boolean;
  'aria-describedby'?: string | undefined;
}

export function Checkbox({ checked, onChange, label, ...rest }: CheckboxProps) {
  return (
    <RadixCheckbox.Root
      checked={checked}
      onCheckedChange={(state) => onChange(state === true)}
      aria-label={label}
      className="flex size-4 shrink-0 items-center justify-center rounded-[3px] border border-line-strong bg-card data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent disabled:opacity-50"
      {...rest}
    >
      <RadixCheckbox.Indicator className="text-on-accent">
        {checked === 'indeterminate' ? (
          <span aria-hidden className="block h-0.5 w-2 bg-current" />
        ) : (
          <Check aria-hidden className="size-3" strokeWidth={3} />
        )}
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}

export function Switch({ checked, onChange, label, ...rest }: CheckboxProps & { checked: boolean }) {
  return (
    <RadixSwitch.Root
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      className="relative h-4 w-7 shrink-0 rounded-full border border-line-strong bg-card transition-colors duration-120 data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
      {...rest}
    >
      <RadixSwitch.Thumb className="block size-2.5 translate-x-0.5 rounded-full bg-line-strong transition-transform duration-120 data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-on-accent" />
    </RadixSwitch.Root>
  );
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode }[];
  className?: string;
}

/** One of two to five, all of them in sight. */
export function Segmented<T extends string>({
  label,
  value,
  onChange,
  options,
  className,
}: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option) onChange(option.value);
      }}
      className={cx(
        'inline-flex h-8 items-center rounded-control border border-line bg-card p-0.5',
        className,
      )}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-full rounded-[3px] px-2 text-12 text-muted hover:text-ink data-[state=on]:bg-hover data-[state=on]:font-medium data-[state=on]:text-ink"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
