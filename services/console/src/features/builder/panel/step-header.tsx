import type { Node } from '@millrace/contracts';
import { useState } from 'react';
import { Input } from '@/components/ui/input';
import { Chip } from '@/features/canvas/chip';
import { titleOf } from '@/features/canvas/describe';
import { identityOfNode } from '@/features/canvas/identity';
import { renameRefusal } from '../document/rename';
import { dispatch, useBuilder } from '../store';

/** Name and id of a step. Expressions know it by its id, so a new one is written into them, too. */
export function StepHeader({ node }: { node: Node }) {
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const identity = identityOfNode(node);
  return (
    <header className="flex items-center gap-3 border-b border-line px-4 py-3">
      <Chip identity={identity} />
      <div className="min-w-0 flex-1">
        <Input
          aria-label="Name of the step"
          value={node.data.label ?? ''}
          placeholder={titleOf(node)}
          readOnly={isReadOnly}
          maxLength={200}
          onChange={({ target: { value } }) =>
            dispatch({
              type: 'update_step',
              id: node.id,
              change: { label: value === '' ? undefined : value },
              typing: true,
            })
          }
          className="h-7 border-transparent bg-transparent px-1 text-15 font-semibold"
        />
        <StepId id={node.id} kind={identity.title} isReadOnly={isReadOnly} />
      </div>
    </header>
  );
}

function StepId({ id, kind, isReadOnly }: { id: string; kind: string; isReadOnly: boolean }) {
  const [typed, setTyped] = useState<string>();
  const refusal = useBuilder(({ document }) =>
    typed === undefined ? undefined : renameRefusal(document, id, typed),
  );
  const finish = (): void => {
    if (typed !== undefined && typed !== id && refusal === undefined)
      dispatch({ type: 'rename_step', id, to: typed });
    setTyped(undefined);
  };
  return (
    <div className="flex items-center gap-1 px-1 text-11 text-muted">
      <span className="shrink-0">{kind} ·</span>
      <input
        aria-label="Id of the step"
        aria-invalid={refusal === undefined ? undefined : true}
        title={refusal}
        value={typed ?? id}
        readOnly={isReadOnly}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setTyped(undefined);
        }}
        className="min-w-0 flex-1 rounded-control bg-transparent px-1 font-mono text-11 hover:bg-hover aria-invalid:text-failed"
      />
      {refusal !== undefined && (
        <span role="alert" className="sr-only">
          {refusal}
        </span>
      )}
    </div>
  );
}
