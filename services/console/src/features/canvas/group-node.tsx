import { memo, useState } from 'react';
import { cx } from '@/lib/classes';
import { useCanvas } from './canvas-context';
import type { GroupNode } from './flow-types';
import type { NodeProps } from './rf';

/** The frame of a group behind its steps. Only its title takes the pointer, so that one can draw a selection inside. */
export const GroupFrame = memo(function GroupFrame({ data: { group }, selected }: NodeProps<GroupNode>) {
  const { mode, onGroupRename } = useCanvas();
  const [isOpen, setOpen] = useState(false);
  const isEditable = mode === 'edit' && onGroupRename !== undefined;
  return (
    <div
      className={cx(
        'size-full rounded-card border border-dashed border-line-strong bg-raised/60',
        selected && 'outline-2 outline-accent',
      )}
    >
      {isOpen ? (
        <input
          autoFocus
          aria-label="Name of the group"
          className="nodrag nopan pointer-events-auto m-1 h-6 w-60 rounded-control border border-accent bg-card px-1.5 text-12"
          value={group.label}
          onChange={(event) => onGroupRename?.(group.id, event.target.value)}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' || event.key === 'Enter') setOpen(false);
            event.stopPropagation();
          }}
        />
      ) : (
        <p
          className="canvas-group-title pointer-events-auto w-fit max-w-full cursor-grab truncate px-2.5 py-1.5 text-12 font-medium text-muted"
          onDoubleClick={(event) => {
            event.stopPropagation();
            if (isEditable) setOpen(true);
          }}
        >
          {group.label}
        </p>
      )}
    </div>
  );
});
