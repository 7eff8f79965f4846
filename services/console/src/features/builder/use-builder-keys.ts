import { useEffect } from 'react';
import { isTaken, isTyping } from '@/lib/typing';
import { actionForKey, isForCanvas } from './actions/keys';
import { copiedText, pasteText, removeSelected } from './actions/edit';
import { select, selectSteps, useBuilder } from './store';

/** The builder's one handler of keys and clipboard. It leaves alone what is typed into a field or meant for a dialog. */
export function useBuilderKeys(): void {
  useEffect(() => {
    document.addEventListener('focusin', onFocus);
    document.addEventListener('keydown', onKey);
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCut);
    document.addEventListener('paste', onPaste);
    const stop = useBuilder.subscribe(({ selection }, before) => {
      if (selection !== before.selection) walkedTo = undefined;
    });
    return () => {
      stop();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCut);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
}

const canEdit = (): boolean => useBuilder.getState().readOnlyReason === undefined;

function onKey(event: KeyboardEvent): void {
  if (isTyping(event) || !isForCanvas(event)) return;
  adoptFocus();
  if (event.code === 'Space') {
    if (toggleFocused(event.target)) event.preventDefault();
    return;
  }
  const action = actionForKey(event);
  if (action === undefined || (action.isEdit && !canEdit()) || action.isPossible?.() === false) return;
  event.preventDefault();
  action.run();
}

const focusedCard = (target: EventTarget | null): string | undefined =>
  target instanceof HTMLElement && target.classList.contains('react-flow__node')
    ? target.dataset['id']
    : undefined;

/** The card that the focus went to since the selection last changed. */
let walkedTo: string | undefined;

function onFocus(event: FocusEvent): void {
  walkedTo = focusedCard(event.target);
}

/**
 * A key that is pressed on the card to which somebody has just walked is for that card, selected or not. Where something
 * else was selected after that, such as a copy of the card, it is for what is selected.
 */
function adoptFocus(): void {
  if (walkedTo !== undefined && !useBuilder.getState().selection.nodes.has(walkedTo)) selectSteps([walkedTo]);
}

function toggleFocused(target: EventTarget | null): boolean {
  const id = focusedCard(target);
  if (id === undefined) return false;
  const { selection } = useBuilder.getState();
  const nodes = new Set(selection.nodes);
  nodes.add(id);
  select({ ...selection, nodes });
  return true;
}

function onCopy(event: ClipboardEvent): boolean {
  // Text that somebody has marked on the page is what they mean.
  if (isTaken(event) || window.getSelection()?.isCollapsed === false) return false;
  const text = copiedText();
  if (text === undefined) return false;
  event.clipboardData?.setData('text/plain', text);
  event.preventDefault();
  return true;
}

function onCut(event: ClipboardEvent): void {
  if (canEdit() && onCopy(event)) removeSelected();
}

function onPaste(event: ClipboardEvent): void {
  if (isTaken(event) || !canEdit()) return;
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if (text === '') return;
  event.preventDefault();
  pasteText(text);
}
