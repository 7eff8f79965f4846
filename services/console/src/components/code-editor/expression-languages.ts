import { StreamLanguage, type StringStream } from '@codemirror/language';

/**
 * Colours for the three languages of expressions. They tell words, quoted text and calls apart and nothing more: what an
 * expression means is the engine's to say, and its errors are marked from there.
 */
interface Words {
  readonly keywords: ReadonlySet<string>;
  readonly atoms: ReadonlySet<string>;
  /** JSONata quotes names with back-ticks and calls functions `$name`. */
  readonly isJsonata: boolean;
}

const CEL: Words = {
  keywords: new Set(['in', 'has']),
  atoms: new Set(['true', 'false', 'null']),
  isJsonata: false,
};
const JSONATA: Words = {
  keywords: new Set(['and', 'or', 'in', 'function']),
  atoms: new Set(['true', 'false', 'null']),
  isJsonata: true,
};

/** The token at the stream's place; `comment` stays open over lines until its end. */
function expressionToken(stream: StringStream, state: { comment: boolean }, words: Words): string | null {
  if (state.comment) {
    state.comment = !/\*\/$/.test(readUntil(stream, '*/'));
    return 'comment';
  }
  if (stream.eatSpace()) return null;
  if (words.isJsonata && stream.match('/*')) {
    state.comment = !/\*\/$/.test(readUntil(stream, '*/'));
    return 'comment';
  }
  if (!words.isJsonata && stream.match('//')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string';
  if (words.isJsonata && stream.match(/^`[^`]*`?/)) return 'variableName';
  if (stream.match(/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number';
  if (words.isJsonata && stream.match(/^\$[A-Za-z_]\w*/)) return 'variableName.function';
  if (stream.match(/^\$+/)) return 'keyword';
  if (stream.match(/^[A-Za-z_]\w*/)) return wordToken(stream, words);
  stream.next();
  return null;
}

function wordToken(stream: StringStream, { keywords, atoms }: Words): string {
  const word = stream.current();
  if (keywords.has(word)) return 'keyword';
  if (atoms.has(word)) return 'atom';
  return stream.match(/^\s*\(/, false) ? 'variableName.function' : 'variableName';
}

function readUntil(stream: StringStream, end: string): string {
  if (stream.skipTo(end)) stream.match(end);
  else stream.skipToEnd();
  return stream.current();
}

const expressionLanguage = (name: string, words: Words) =>
  StreamLanguage.define<{ comment: boolean }>({
    name,
    startState: () => ({ comment: false }),
    token: (stream, state) => expressionToken(stream, state, words),
    languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
  });

export const celLanguage = expressionLanguage('cel', CEL);
export const jsonataLanguage = expressionLanguage('jsonata', JSONATA);

interface TemplateState {
  /** Of the text as a whole: `=` at its very beginning makes all of it one expression. */
  mode: 'start' | 'text' | 'whole' | 'inside';
  comment: boolean;
}

/** Literal text with `{{ JSONata }}` in it, or `=` and JSONata. */
export const templateLanguage = StreamLanguage.define<TemplateState>({
  name: 'template',
  startState: () => ({ mode: 'start', comment: false }),
  token(stream, state) {
    if (state.mode === 'start') {
      state.mode = stream.peek() === '=' ? 'whole' : 'text';
      if (state.mode === 'whole') {
        stream.next();
        return 'meta';
      }
    }
    if (state.mode === 'whole') return expressionToken(stream, state, JSONATA);
    if (state.mode === 'inside') {
      if (stream.match('}}')) {
        state.mode = 'text';
        return 'meta';
      }
      return expressionToken(stream, state, JSONATA);
    }
    if (stream.match('{{')) {
      state.mode = 'inside';
      return 'meta';
    }
    if (!stream.skipTo('{{')) stream.skipToEnd();
    return null;
  },
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
});
