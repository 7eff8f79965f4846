import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { api } from '@/api/client';
import { useErrorAt, useFormContext, type ControlProps } from '@/components/schema-form/form-context';
import { Checkbox } from '@/components/ui/choice';

/** What an agent may call: the built-in tools, and what the operator's servers offer. */
export function ToolsField({ path, label, value, onChange, shape }: ControlProps) {
  const id = useId();
  const error = useErrorAt(path, true);
  const { readOnly } = useFormContext();
  const tools = useQuery({ queryKey: ['tools'], queryFn: () => api.tools(), staleTime: 300_000 });
  const chosen = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  const known = (tools.data ?? []).flatMap((tool): { name: string; words: string }[] => {
    if (tool.type === 'built_in') return [{ name: tool.name, words: tool.description }];
    const whole = { name: tool.name, words: 'Everything this server offers' };
    return [
      whole,
      ...(tool.tools ?? []).map((name) => ({ name: `${tool.name}/${name}`, words: 'Of this server' })),
    ];
  });
  const others = chosen.filter((name) => !known.some((tool) => tool.name === name));
  const toggle = (name: string, isOn: boolean): void => {
    const next = isOn ? [...chosen, name] : chosen.filter((one) => one !== name);
    onChange(next.length === 0 ? undefined : next);
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-12 font-medium">{label}</legend>
      {[...known, ...others.map((name) => ({ name, words: 'Not known to this platform' }))].map(
        ({ name, words }) => (
          <label key={name} htmlFor={`${id}-${name}`} className="flex items-start gap-2 text-12">
            <span className="mt-0.5">
              <Checkbox
                id={`${id}-${name}`}
                checked={chosen.includes(name)}
                onChange={(isOn) => toggle(name, isOn)}
                disabled={readOnly}
              />
            </span>
            <span>
              <code className="font-mono">{name}</code>
              <span className="block text-muted">{words}</span>
            </span>
          </label>
        ),
      )}
      {tools.isError && <p className="text-12 text-muted">The list of tools cannot be read just now.</p>}
      {shape.description !== undefined && <p className="text-12 text-muted">{shape.description}</p>}
      {error !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {error}
        </p>
      )}
    </fieldset>
  );
}
