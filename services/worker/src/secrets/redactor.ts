import type { JsonValue } from '@millrace/contracts';
import { formsOf, type Form } from './forms.js';
import { shownAs } from './placeholders.js';
import { createRedactedStream, type RedactedStream } from './stream.js';
import { mapTexts, mapTextsInTurns } from './texts.js';

/** Takes the values of secrets out of whatever an attempt tells. */
export interface Redactor {
  text(text: string): string;
  json<T extends JsonValue>(value: T): T;
  /** For outputs, which may have many megabytes: others get their turn in between. */
  jsonInTurns<T extends JsonValue>(value: T): Promise<T>;
  /** For text that comes in pieces: a value across two of them is found. */
  stream(emit: (text: string) => void): RedactedStream;
}

/** Enough of a value's beginning to tell something when a text was cut in the middle of it. */
const MIN_BEGINNING = 4;
const MAX_BEGINNING = 8;

export function createRedactor(values: ReadonlyMap<string, string>): Redactor {
  const forms = formsOf(values);
  const heads = [...new Set(forms.map(headOf))];
  const numbers = forms.filter(({ text }) => /^[-+\d.][\d.eE+-]*$/.test(text));

  function text(given: string): string {
    if (!heads.some((head) => given.includes(head))) return given;
    let shown = given;
    for (const form of forms) if (shown.includes(form.text)) shown = hide(shown, form);
    for (const form of forms) if (form.edges === null) shown = hideBeginning(shown, form);
    return shown;
  }

  const mapping = {
    text,
    number(given: number): JsonValue {
      const form = numbers.find(({ text: digits }) => String(given).includes(digits));
      return form === undefined ? given : shownAs(form.name);
    },
  };

  return {
    text,
    json: (value) => mapTexts(value, mapping),
    jsonInTurns: (value) => mapTextsInTurns(value, mapping),
    stream: (emit) => createRedactedStream(forms, text, emit),
  };
}

function headOf({ text }: Form): string {
  return text.slice(0, Math.min(MAX_BEGINNING, Math.max(MIN_BEGINNING, Math.ceil(text.length / 2))));
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function hide(text: string, { name, text: form, edges }: Form): string {
  if (edges === null) return text.replaceAll(form, () => shownAs(name));
  const edge = (is: boolean): string => (is ? '[A-Za-z0-9+/_-]?' : '');
  const pattern = `${edge(edges.before)}${escaped(form)}${edge(edges.after)}={0,2}`;
  return text.replaceAll(new RegExp(pattern, 'g'), () => shownAs(name));
}

/** Whoever shortened the text did not know that it cut a secret in two. */
function hideBeginning(text: string, form: Form): string {
  const dots = ['…', '...'].find((mark) => text.endsWith(mark)) ?? '';
  const end = text.length - dots.length;
  const from = Math.max(0, end - form.text.length + 1);
  const head = headOf(form);
  for (let at = text.indexOf(head, from); at !== -1 && at < end; at = text.indexOf(head, at + 1)) {
    if (form.text.startsWith(text.slice(at, end))) return text.slice(0, at) + shownAs(form.name) + dots;
  }
  return text;
}
