import type { Node } from '@millrace/contracts';
import { Field } from '@/components/ui/field';
import { Textarea } from '@/components/ui/input';
import { dispatch, useBuilder } from '../store';

export function NotesTab({ node }: { node: Node }) {
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  return (
    <div data-field="notes" className="p-4">
      <Field label="Notes" hint="For people; they make no new version.">
        {(control) => (
          <Textarea
            {...control}
            rows={12}
            maxLength={20_000}
            readOnly={isReadOnly}
            value={node.data.notes ?? ''}
            onChange={({ target: { value } }) =>
              dispatch({
                type: 'update_step',
                id: node.id,
                change: { notes: value === '' ? undefined : value },
                typing: true,
              })
            }
          />
        )}
      </Field>
    </div>
  );
}
