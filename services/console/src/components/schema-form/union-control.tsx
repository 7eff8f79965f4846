import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { useErrorAt, useFormContext, type ControlProps } from './form-context';
import { ObjectFields } from './object-fields';
import type { Shape, UnionShape } from './shape';
import { fits, initialValue, labelOf, pathKey } from './values';

/** First which variant, then what that one needs. Another variant begins anew. */
export function UnionControl({ shape, path, label, value, onChange, required }: ControlProps<UnionShape>) {
  const error = useErrorAt(path);
  const { Control, readOnly } = useFormContext();
  const chosen = value === undefined ? -1 : shape.variants.findIndex((variant) => fits(variant, value));
  const variant = shape.variants[chosen];
  return (
    <div className="flex flex-col gap-3">
      <Field label={label} hint={shape.description} error={error} required={required}>
        {(control) => (
          <Select
            {...control}
            value={chosen === -1 ? undefined : String(chosen)}
            onChange={(key) => {
              const next = shape.variants[Number(key)];
              if (next && Number(key) !== chosen) onChange(initialValue(next));
            }}
            options={shape.variants.map((one, index) => ({
              value: String(index),
              label: nameOf(one, index),
            }))}
            disabled={readOnly}
          />
        )}
      </Field>
      {variant?.kind === 'object' && (
        <div data-field={pathKey(path)} className="border-l border-line pl-3">
          <ObjectFields shape={variant} path={path} value={value} onChange={onChange} />
        </div>
      )}
      {variant !== undefined && variant.kind !== 'object' && (
        <Control
          shape={variant}
          path={path}
          label={nameOf(variant, chosen)}
          value={value}
          onChange={onChange}
          required
        />
      )}
    </div>
  );
}

const KIND_NAMES: Record<Shape['kind'], string> = {
  text: 'Text',
  scalar: 'Number or text',
  number: 'Number',
  boolean: 'Yes or no',
  choice: 'Choice',
  constant: 'Fixed value',
  object: 'Fields',
  record: 'Names and values',
  list: 'List',
  union: 'Variants',
  json: 'JSON',
};

/** Its title, else the constant that distinguishes it, else what kind of value it is. */
function nameOf(variant: Shape, index: number): string {
  if (variant.title !== undefined) return variant.title;
  if (variant.kind === 'constant') return JSON.stringify(variant.value);
  if (variant.kind !== 'object') return KIND_NAMES[variant.kind];
  const mark = variant.fields.find(({ shape }) => shape.kind === 'constant')?.shape;
  return mark?.kind === 'constant' && typeof mark.value === 'string'
    ? labelOf(mark.value)
    : `Variant ${index + 1}`;
}
