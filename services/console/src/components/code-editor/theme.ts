import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const LINE_HEIGHT_PX = 18;

/** Colours are the page's own tokens, so that a change of the theme needs nothing here. */
const view = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono, "IBM Plex Mono", monospace)',
    lineHeight: `${LINE_HEIGHT_PX}px`,
    overflow: 'auto',
  },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-content ::selection': { color: 'inherit', backgroundColor: 'var(--accent-soft)' },
  '.cm-gutters': {
    backgroundColor: 'var(--raised)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--hover)',
    outline: '1px solid var(--line-strong)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--hover)' },
  '.cm-searchMatch': { backgroundColor: 'var(--status-waiting-soft)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--status-failed)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--status-waiting)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker': { width: '8px', height: '8px', content: '""', borderRadius: '999px' },
  '.cm-lint-marker-error': { content: '""', backgroundColor: 'var(--status-failed)' },
  '.cm-lint-marker-warning': { content: '""', backgroundColor: 'var(--status-waiting)' },
  '.cm-tooltip': {
    zIndex: '70',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    backgroundColor: 'var(--card)',
    color: 'var(--ink)',
    boxShadow: '0 4px 16px rgb(0 0 0 / 0.08)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-mono, "IBM Plex Mono", monospace)',
    fontSize: '12px',
    maxHeight: '240px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', maxWidth: '320px', fontSize: '12px' },
  '.cm-diagnostic': { padding: '6px 10px', fontSize: '12px', borderLeft: '3px solid var(--status-failed)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--status-waiting)' },
});

/** Few colours, all of them tokens: names stay ink, so that what is quoted and what is computed stand out. */
const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--status-paused)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--status-success)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--status-waiting)' },
  { tag: [tags.comment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.variableName)], color: 'var(--accent)' },
  { tag: [tags.special(tags.brace), tags.meta], color: 'var(--status-paused)', fontWeight: '500' },
  { tag: [tags.invalid], color: 'var(--status-failed)' },
]);

export const editorTheme: Extension = [view, syntaxHighlighting(highlight)];

/** As high as its text, within these numbers of rows. */
export function heightTheme(minRows: number, maxRows: number): Extension {
  const height = (rows: number): string => `${rows * LINE_HEIGHT_PX + 12}px`;
  return EditorView.theme({
    '.cm-content, .cm-gutter': { minHeight: height(minRows) },
    '.cm-scroller': { maxHeight: height(maxRows) },
  });
}
