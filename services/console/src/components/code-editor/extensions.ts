import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionSource,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
  tooltips,
} from '@codemirror/view';
import { styleNonce } from '@/app/content-security';
import { editorTheme, heightTheme } from './theme';

interface BaseOptions {
  /** What completions and hints are shown in: nothing around the editor may cut them off. */
  readonly popups: HTMLElement;
  readonly singleLine: boolean;
  readonly lineNumbers: boolean;
  readonly placeholder: string | undefined;
  readonly minRows: number;
  readonly maxRows: number;
  readonly complete: CompletionSource | undefined;
}

/** What every editor has, whatever its language. */
export function baseExtensions(options: BaseOptions): Extension[] {
  return [
    EditorView.cspNonce.of(styleNonce()),
    editorTheme,
    heightTheme(options.minRows, options.maxRows),
    tooltips({ position: 'fixed', parent: options.popups }),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    autocompletion({
      ...(options.complete !== undefined && { override: [options.complete] }),
      icons: false,
      activateOnTyping: options.complete !== undefined,
      maxRenderedOptions: 60,
    }),
    options.placeholder === undefined ? [] : placeholder(options.placeholder),
    options.lineNumbers ? [lineNumbers(), lintGutter(), highlightActiveLine()] : [],
    options.singleLine ? singleLine : severalLines,
    keymap.of([
      ...completionKeymap,
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...lintKeymap,
    ]),
  ];
}

const severalLines: Extension = [
  indentUnit.of('  '),
  indentOnInput(),
  highlightSelectionMatches(),
  keymap.of([...searchKeymap, indentWithTab]),
];

const singleLine: Extension = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const line = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, ' ');
  // A press of Enter alone changes nothing.
  if (line.trimEnd() === transaction.startState.doc.toString().trimEnd()) return [];
  return {
    changes: { from: 0, to: transaction.startState.doc.length, insert: line },
    selection: { anchor: line.length },
    sequential: false,
  };
});
