import type { Form } from './forms.js';
import { shownAs } from './placeholders.js';

/** Holds back as much of a text as may be the beginning of a secret, and not a character more. */
export interface RedactedStream {
  push(text: string): void;
  /** Lets go of what is held back, redacted. */
  end(): void;
}

/** One form of a secret on its way through a stream: how much of it the text ends with. */
interface Search {
  readonly form: Form;
  /** Where to go on when the next character does not fit: Knuth, Morris and Pratt. */
  readonly fallback: Int32Array;
  matched: number;
}

function searchFor(form: Form): Search {
  const { text } = form;
  const fallback = new Int32Array(text.length);
  for (let at = 1, length = 0; at < text.length; at += 1) {
    while (length > 0 && text[at] !== text[length]) length = fallback[length - 1] ?? 0;
    if (text[at] === text[length]) length += 1;
    fallback[at] = length;
  }
  return { form, fallback, matched: 0 };
}

function advance(search: Search, character: string): boolean {
  const { form, fallback } = search;
  while (search.matched > 0 && form.text[search.matched] !== character) {
    search.matched = fallback[search.matched - 1] ?? 0;
  }
  if (form.text[search.matched] === character) search.matched += 1;
  return search.matched === form.text.length;
}

/** `redact` is what becomes of the rest at the end, where no more can follow. */
export function createRedactedStream(
  forms: readonly Form[],
  redact: (text: string) => string,
  emit: (text: string) => void,
): RedactedStream {
  let searches: Search[] | undefined;
  let held = '';

  function push(text: string): void {
    searches ??= forms.map(searchFor);
    let ready = '';
    for (const character of text.split('')) {
      held += character;
      let longest = 0;
      for (const search of searches) {
        if (advance(search, character)) {
          ready += held.slice(0, held.length - search.form.text.length) + shownAs(search.form.name);
          held = '';
          longest = 0;
          for (const each of searches) each.matched = 0;
          break;
        }
        longest = Math.max(longest, search.matched);
      }
      ready += held.slice(0, held.length - longest);
      held = held.slice(held.length - longest);
    }
    if (ready !== '') emit(ready);
  }

  return {
    push,
    end() {
      const rest = redact(held);
      held = '';
      for (const search of searches ?? []) search.matched = 0;
      if (rest !== '') emit(rest);
    },
  };
}
