import { isJsonObject, type JsonObject } from '@millrace/contracts';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import { shapeOfJsonSchema } from '@/components/schema-form/from-json-schema';
import { SchemaForm } from '@/components/schema-form/schema-form';
import type { FormError } from '@/components/schema-form/shape';
import { TooltipProvider } from '@/components/ui/tooltip';

interface Given {
  schema: JsonObject;
  value?: JsonObject;
  errors?: readonly FormError[];
}

function setup({ schema, value = {}, errors = [] }: Given) {
  const seen: { value: JsonObject } = { value };
  const Host = () => {
    const [current, setCurrent] = useState(value);
    return (
      <TooltipProvider>
        <SchemaForm
          shape={shapeOfJsonSchema(schema)}
          value={current}
          errors={errors}
          onChange={(next) => {
            seen.value = next;
            setCurrent(next);
          }}
        />
      </TooltipProvider>
    );
  };
  render(<Host />);
  return { seen, user: userEvent.setup() };
}

const order: JsonObject = {
  type: 'object',
  required: ['customer'],
  properties: {
    customer: { type: 'string', description: 'Who pays' },
    amount: { type: 'number', minimum: 0 },
    express: { type: 'boolean' },
    lines: {
      type: 'array',
      items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

describe('SchemaForm', () => {
  it('shows what is needed and keeps the rest behind "Add field"', async () => {
    const { seen, user } = setup({ schema: order });
    expect(screen.getByRole('textbox', { name: /Customer/ })).toBeDefined();
    expect(screen.queryByRole('textbox', { name: /Amount/ })).toBeNull();

    await user.click(screen.getByRole('button', { name: 'Add field' }));
    await user.click(screen.getByRole('menuitem', { name: /Amount/ }));
    await user.type(screen.getByRole('textbox', { name: /Amount/ }), '12.5');

    expect(seen.value).toEqual({ amount: 12.5 });
  });

  it('takes an optional field out again', async () => {
    const { seen, user } = setup({ schema: order, value: { customer: 'Ada', amount: 3 } });
    await user.click(screen.getByRole('button', { name: 'Remove Amount' }));
    expect(seen.value).toEqual({ customer: 'Ada' });
  });

  it('says what is no number and keeps the last one', async () => {
    const { seen, user } = setup({ schema: order, value: { amount: 3 } });
    await user.type(screen.getByRole('textbox', { name: /Amount/ }), 'x');
    expect(screen.getByRole('alert').textContent).toBe('is not a number');
    expect(seen.value).toEqual({ amount: 3 });
  });

  it('adds, fills and moves items of a list', async () => {
    const { seen, user } = setup({ schema: order, value: { lines: [{ sku: 'a' }] } });
    await user.click(screen.getByRole('button', { name: 'Add line' }));
    const second = screen.getByRole('group', { name: 'Line 2' });
    await user.type(within(second).getByRole('textbox', { name: /Sku/ }), 'b');
    await user.click(screen.getByRole('button', { name: 'Move Line 2 up' }));
    expect(seen.value).toEqual({ lines: [{ sku: 'b' }, { sku: 'a' }] });
  });

  it('renames an entry without losing its place, and refuses a name that is taken', async () => {
    const { seen, user } = setup({ schema: order, value: { labels: { a: '1', b: '2' } } });
    const first = screen.getByRole('textbox', { name: 'Labels: name 1' });
    await user.clear(first);
    await user.type(first, 'b');
    expect(screen.getByRole('alert').textContent).toBe('is there already');
    await user.clear(first);
    await user.type(first, 'c{Enter}');
    expect(Object.entries(isJsonObject(seen.value['labels']) ? seen.value['labels'] : {})).toEqual([
      ['c', '1'],
      ['b', '2'],
    ]);
  });

  it('shows an error at the field it is about', () => {
    setup({ schema: order, errors: [{ path: ['customer'], message: 'is unknown' }] });
    const customer = screen.getByRole('textbox', { name: /Customer/ });
    expect(customer.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('is unknown')).toBeDefined();
  });

  it('begins anew with another variant', async () => {
    const variant = (type: string, name: string): JsonObject => ({
      type: 'object',
      required: ['type', name],
      properties: { type: { const: type }, [name]: { type: 'string' } },
    });
    const { seen, user } = setup({
      schema: {
        type: 'object',
        required: ['auth'],
        properties: { auth: { oneOf: [variant('basic', 'user'), variant('bearer', 'token')] } },
      },
      value: { auth: { type: 'basic', user: 'ada' } },
    });
    await user.click(screen.getByRole('combobox', { name: /Auth/ }));
    await user.click(screen.getByRole('option', { name: 'Bearer' }));
    expect(seen.value).toEqual({ auth: { type: 'bearer', token: '' } });
  });
});
