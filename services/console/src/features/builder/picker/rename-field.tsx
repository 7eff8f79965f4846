import { useState } from 'react';
import { Input } from '@/components/ui/input';
import { findStep } from '../document/scope';
import { dispatch, useBuilder } from '../store';
import { canvas, closePicker } from '../view';

/** The name that a step is shown by. Enter takes it, Escape leaves the old one. */
export function RenameField({ id }: { id: string }) {
  const before = useBuilder(({ document }) => findStep(document, id)?.node.data.label ?? '');
  const [label, setLabel] = useState(before);
  return (
    <form
      className="p-2"
      onSubmit={(event) => {
        event.preventDefault();
        const name = label.trim();
        dispatch({ type: 'update_step', id, change: { label: name === '' ? undefined : name } });
        closePicker();
        canvas()?.focus(id);
      }}
    >
      <Input
        autoFocus
        aria-label="Name of the step"
        placeholder={id}
        maxLength={200}
        value={label}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setLabel(event.target.value)}
      />
    </form>
  );
}
