import { memo } from 'react';
import { useStore } from 'zustand';
import { cx } from '@/lib/classes';
import { useCanvas } from './canvas-context';
import type { NoteNode } from './flow-types';
import { NodeResizer, type NodeProps } from './rf';

/** Words on the canvas. Opened with a double click or `write` of the canvas' handle, ended with Escape or by leaving it. */
export const NoteCard = memo(function NoteCard({ data: { note }, selected }: NodeProps<NoteNode>) {
  const { mode, writing, onNoteText, onNoteResize } = useCanvas();
  const isEditable = mode === 'edit' && onNoteText !== undefined;
  const isOpen = useStore(writing, (state) => state.note === note.id) && isEditable;
  const close = (): void => writing.setState({ note: null });
  return (
    <div
      className={cx(
        'size-full overflow-hidden rounded-card border border-line bg-waiting-soft',
        selected && 'outline-2 outline-accent',
      )}
      onDoubleClick={(event) => {
        event.stopPropagation();
        if (isEditable) writing.setState({ note: note.id });
      }}
    >
      {isEditable && (
        <NodeResizer
          isVisible={selected}
          minWidth={120}
          minHeight={60}
          lineClassName="border-transparent!"
          handleClassName="size-2! rounded-[2px]! border-accent! bg-card!"
          onResizeEnd={(_event, { x, y, width, height }) => onNoteResize?.(note.id, { x, y, width, height })}
        />
      )}
      {isOpen ? (
        <textarea
          autoFocus
          aria-label="Text of the note"
          className="nodrag nowheel nopan size-full resize-none bg-transparent p-2.5 text-13 outline-none"
          value={note.text}
          onChange={(event) => onNoteText?.(note.id, event.target.value)}
          onBlur={close}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
            event.stopPropagation();
          }}
        />
      ) : (
        <p className="size-full whitespace-pre-wrap p-2.5 text-13">
          {note.text === '' && isEditable ? (
            <span className="text-muted">Double-click to write</span>
          ) : (
            note.text
          )}
        </p>
      )}
    </div>
  );
});
