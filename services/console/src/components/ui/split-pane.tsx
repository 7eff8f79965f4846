import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { cx } from '@/lib/classes';

interface SplitPaneProps {
  /** Names the handle, and what this browser remembers the size by. */
  label: string;
  name: string;
  direction: 'row' | 'column';
  /** Which of the two has a size of its own; the other takes what is left. */
  sized: 'first' | 'second';
  /** Pixels. */
  initial: number;
  min: number;
  max: number;
  first: ReactNode;
  second: ReactNode;
}

const STEP = 24;

/** Two panes with a handle between them: dragged, or moved by arrows, Home and End. A double click takes it back. */
export function SplitPane(props: SplitPaneProps) {
  const { label, name, direction, sized, initial, min, max, first, second } = props;
  const key = `millrace-pane-${name}`;
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState(() => remembered(key) ?? initial);
  const isRow = direction === 'row';

  const resize = (wanted: number): void => {
    const room = (isRow ? box.current?.clientWidth : box.current?.clientHeight) ?? 0;
    const most = room > 0 ? Math.min(max, room - min) : max;
    const next = Math.round(Math.max(min, Math.min(most, wanted)));
    setSize(next);
    try {
      localStorage.setItem(key, String(next));
    } catch {
      // Without storage it is not remembered.
    }
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const bounds = box.current?.getBoundingClientRect();
    if (bounds === undefined) return;
    const fromStart = isRow ? event.clientX - bounds.left : event.clientY - bounds.top;
    resize(sized === 'first' ? fromStart : (isRow ? bounds.width : bounds.height) - fromStart);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grow = sized === 'first' ? 1 : -1;
    const moves: Record<string, number> = {
      [isRow ? 'ArrowRight' : 'ArrowDown']: size + grow * STEP,
      [isRow ? 'ArrowLeft' : 'ArrowUp']: size - grow * STEP,
      Home: sized === 'first' ? min : max,
      End: sized === 'first' ? max : min,
    };
    const wanted = moves[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    resize(wanted);
  };

  const fixed = isRow ? { width: size } : { height: size };
  return (
    <div ref={box} className={cx('flex size-full min-h-0 min-w-0', !isRow && 'flex-col')}>
      <div className={paneClasses(sized === 'first')} style={sized === 'first' ? fixed : undefined}>
        {first}
      </div>
      <div
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={isRow ? 'vertical' : 'horizontal'}
        aria-valuenow={size}
        aria-valuemin={min}
        aria-valuemax={max}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onDoubleClick={() => resize(initial)}
        onKeyDown={onKeyDown}
        className={cx(
          'relative z-10 shrink-0 touch-none bg-line transition-colors duration-120 hover:bg-accent focus-visible:bg-accent focus-visible:outline-offset-0',
          // The line is thin; what can be taken hold of is not.
          isRow
            ? 'w-px cursor-col-resize before:absolute before:inset-y-0 before:-left-1.5 before:w-3'
            : 'h-px cursor-row-resize before:absolute before:inset-x-0 before:-top-1.5 before:h-3',
        )}
      />
      <div className={paneClasses(sized === 'second')} style={sized === 'second' ? fixed : undefined}>
        {second}
      </div>
    </div>
  );
}

const paneClasses = (isSized: boolean): string =>
  cx('min-h-0 min-w-0 overflow-hidden', isSized ? 'shrink-0' : 'flex-1');

function remembered(key: string): number | undefined {
  try {
    const size = Number(localStorage.getItem(key));
    return size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}
