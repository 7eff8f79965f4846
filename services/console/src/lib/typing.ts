/**
 * Whether a key press belongs to what is being typed or to an open dialog, and not to the page. Shortcuts of pages ask
 * this first.
 */
export function isTyping(event: KeyboardEvent): boolean {
  return event.isComposing || isTaken(event);
}

/** As `isTyping`, for events of the clipboard. */
export function isTaken(event: Event): boolean {
  return event.defaultPrevented || event.composedPath().some(isTakenBy);
}

function isTakenBy(target: EventTarget): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return ['dialog', 'alertdialog', 'menu', 'listbox'].includes(target.getAttribute('role') ?? '');
}
