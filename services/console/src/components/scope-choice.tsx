import type { Scope } from '@millrace/contracts';
import { useId } from 'react';
import { Checkbox } from './ui/choice';

const WORDS: Record<Scope, string> = {
  'workflow:read': 'See workflows and executions, follow them live',
  'workflow:write': 'Create and change workflows, set secrets',
  'workflow:execute': 'Run, steer and retry executions, decide approvals, send events',
  'workflow:delete': 'Delete workflows',
  'user:manage': 'Create accounts and change what they may do',
  'platform:admin': 'Reach everything of everybody, see the figures of the platform',
};

interface ScopeChoiceProps {
  legend: string;
  offered: readonly Scope[];
  chosen: readonly Scope[];
  onChange: (scopes: readonly Scope[]) => void;
}

/** Scopes with what each allows. */
export function ScopeChoice({ legend, offered, chosen, onChange }: ScopeChoiceProps) {
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-12 font-medium">{legend}</legend>
      {offered.map((scope) => (
        <div key={scope} className="flex items-start gap-2">
          <Checkbox
            id={`${id}-${scope}`}
            checked={chosen.includes(scope)}
            onChange={(checked) =>
              onChange(offered.filter((one) => (one === scope ? checked : chosen.includes(one))))
            }
          />
          <label htmlFor={`${id}-${scope}`} className="-mt-0.5 cursor-pointer">
            <code className="font-mono text-12">{scope}</code>
            <span className="block text-12 text-muted">{WORDS[scope]}</span>
          </label>
        </div>
      ))}
    </fieldset>
  );
}
