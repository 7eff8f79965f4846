import { useEffect } from 'react';
import { isTaken, isTyping } from '@/lib/typing';
import { actionForKey, isForCanvas } from './actions/keys';
import { copiedText, pasteText, removeSelected } from './actions/edit';
import { select, selectSteps, useBuilder } from './store';

/** The builder's one handler of keys and clipboard. It leaves alone what is typed into a field or meant for a dialog. */
export function useBuilderKeys(): void {
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCut);
    document.addEventListener('paste', onPaste);
    return () => {
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
  adoptFocus(event.target);
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

/** A key that is pressed on a card with the focus is for that card, selected or not. */
function adoptFocus(target: EventTarget | null): void {
  const id = focusedCard(target);
  if (id !== undefined && !useBuilder.getState().selection.nodes.has(id)) selectSteps([id]);
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
