import { isJsonObject, type JsonObject } from '@millrace/contracts';
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
    (): FormContext => ({ errors, readOnly, renderControl, prominent: new Set(prominent) }),
    [errors, readOnly, renderControl, prominent],
  );
  const change = (next: unknown): void => {
    const object = next as JsonObject | undefined;
    onChange(isJsonObject(object) ? object : {});
  };
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
