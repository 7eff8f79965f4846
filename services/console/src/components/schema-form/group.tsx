import type { ReactNode } from 'react';
import { useErrorAt } from './form-context';
import type { FormPath } from './shape';

/** Several controls under one name. */
export function Group({
  label,
  description,
  path,
  actions,
  children,
}: {
  label: string;
  description?: string | undefined;
  path: FormPath;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const error = useErrorAt(path);
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-12 font-medium">{label}</legend>
      {description !== undefined && <p className="text-12 text-muted">{description}</p>}
      <div className="flex flex-col gap-3 border-l border-line pl-3">{children}</div>
      {error !== undefined && (
        <p role="alert" className="text-12 text-failed">
          {error}
        </p>
      )}
      {actions}
    </fieldset>
  );
}
