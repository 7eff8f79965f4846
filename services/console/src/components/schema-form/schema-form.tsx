import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { useMemo } from 'react';
import { FormContextProvider, type FormContext } from './form-context';
import { ObjectFields } from './object-fields';
import { ShapeControl } from './shape-control';
import type { FormError, Shape } from './shape';

interface SchemaFormProps {
  shape: Shape;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  errors?: readonly FormError[];
  readOnly?: boolean;
  /** See `FormContext`. */
  renderControl?: FormContext['renderControl'];
  prominent?: readonly string[];
}

const NO_ERRORS: readonly FormError[] = [];
const NONE: readonly string[] = [];

/** A form for an object that a schema describes. What is optional and not given waits behind "Add field". */
export function SchemaForm({
  shape,
  value,
  onChange,
  errors = NO_ERRORS,
  readOnly = false,
  renderControl,
  prominent = NONE,
}: SchemaFormProps) {
  const context = useMemo(
    (): FormContext => ({
      Control: ShapeControl,
      errors,
      readOnly,
      renderControl,
      prominent: new Set(prominent),
    }),
    [errors, readOnly, renderControl, prominent],
  );
  const change = (next: JsonValue | undefined): void => onChange(isJsonObject(next) ? next : {});
  return (
    <FormContextProvider value={context}>
      {shape.kind === 'object' ? (
        <ObjectFields shape={shape} path={[]} value={value} onChange={change} />
      ) : (
        <ShapeControl shape={shape} path={[]} label="Value" value={value} onChange={change} required />
      )}
    </FormContextProvider>
  );
}
