import type { JsonValue } from '@millrace/contracts';
import { createContext, useContext, type ComponentType, type ReactNode } from 'react';
import type { FormError, FormPath, Shape } from './shape';
import { pathKey } from './values';

/** What a control is given. `onChange(undefined)` takes the value out. */
export interface ControlProps<S extends Shape = Shape> {
  readonly shape: S;
  readonly path: FormPath;
  readonly label: string;
  readonly value: JsonValue | undefined;
  readonly onChange: (value: JsonValue | undefined) => void;
  readonly required: boolean;
}

export interface FormContext {
  /** The control of any shape: what holds others shows them with it. */
  readonly Control: ComponentType<ControlProps>;
  readonly errors: readonly FormError[];
  readonly readOnly: boolean;
  /** A control of the caller's own in place of the usual one; undefined leaves the usual one. */
  readonly renderControl?: ((control: ControlProps) => ReactNode | undefined) | undefined;
  /** Ways of optional fields that show without being added, `*` for any item. */
  readonly prominent: ReadonlySet<string>;
}

export const FormContextProvider = createContext<FormContext>({
  Control: () => null,
  errors: [],
  readOnly: false,
  prominent: new Set(),
});

export const useFormContext = (): FormContext => useContext(FormContextProvider);

/** What is wrong with the value at a path; with `within` also what is wrong inside it. */
export function useErrorAt(path: FormPath, within = false): string | undefined {
  const { errors } = useFormContext();
  const key = pathKey(path);
  const found = errors.filter((error) => {
    const at = pathKey(error.path);
    return at === key || (within && (key === '' || at.startsWith(`${key}.`)));
  });
  return found.length === 0 ? undefined : found.map(({ message }) => message).join('; ');
}
