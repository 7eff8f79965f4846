import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, Transaction } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';
import { controlClasses } from '@/components/ui/input';
import { cx } from '@/lib/classes';
import { baseExtensions } from './extensions';
import { languageExtension } from './languages';
import type { CodeEditorProps } from './props';

/** The editor. Import `CodeEditor` instead, which loads it when it is needed. */
export function CodeEditorView(props: CodeEditorProps) {
  const { value, language, label, id, describedBy, invalid, marks, className, onChange } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const languages = useRef(new Compartment());
  const attributes = useRef(new Compartment());
  const access = useRef(new Compartment());

  const changed = useEffectEvent((text: string) => onChange?.(text));
  const blurred = useEffectEvent(() => props.onBlur?.());
  const focused = useEffectEvent(() => props.onFocus?.());
  const ready = useEffectEvent((view: EditorView) => props.onReady?.(handleOf(view)));
  const complete = useEffectEvent(
    ((context) => props.complete?.(context) ?? null) satisfies NonNullable<CodeEditorProps['complete']>,
  );
  const extensions = useEffectEvent((element: HTMLElement) => [
    languages.current.of(languageExtension(language)),
    attributes.current.of(attributesOf(label, id, describedBy, invalid)),
    access.current.of(accessOf(onChange !== undefined)),
    ...baseExtensions({
      popups: element.closest<HTMLElement>('[role="dialog"]') ?? document.body,
      singleLine: props.singleLine ?? false,
      lineNumbers: props.lineNumbers ?? false,
      placeholder: props.placeholder,
      minRows: props.minRows ?? 1,
      maxRows: props.maxRows ?? 16,
      // An effect event may be called from the editor's own events, which React knows nothing of.
      complete: props.complete === undefined ? undefined : (context) => complete(context),
    }),
    EditorView.updateListener.of((update) => {
      const isOurs = update.transactions.some((one) => one.annotation(Transaction.remote) === true);
      if (update.docChanged && !isOurs) changed(update.state.doc.toString());
      if (update.focusChanged) (update.view.hasFocus ? focused : blurred)();
    }),
  ]);

  useLayoutEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const view = new EditorView({
      parent,
      state: EditorState.create({ doc: firstText.current, extensions: extensions(parent) }),
    });
    editor.current = view;
    ready(view);
    return () => {
      view.destroy();
      editor.current = null;
    };
  }, []);

  const firstText = useRef(value);
  useEffect(() => {
    const view = editor.current;
    if (!view || view.state.doc.toString() === value) return;
    const length = view.state.doc.length;
    view.dispatch({
      changes: { from: 0, to: length, insert: value },
      annotations: [Transaction.remote.of(true), Transaction.addToHistory.of(false)],
    });
  }, [value]);

  useEffect(() => {
    editor.current?.dispatch({ effects: languages.current.reconfigure(languageExtension(language)) });
  }, [language]);

  const editable = onChange !== undefined;
  useEffect(() => {
    editor.current?.dispatch({
      effects: [
        attributes.current.reconfigure(attributesOf(label, id, describedBy, invalid)),
        access.current.reconfigure(accessOf(editable)),
      ],
    });
  }, [label, id, describedBy, invalid, editable]);

  useEffect(() => {
    const view = editor.current;
    if (!view || marks === undefined) return;
    const { length } = view.state.doc;
    const within = (position: number): number => Math.max(0, Math.min(position, length));
    const found = marks.map((mark) => ({ ...mark, from: within(mark.from), to: within(mark.to) }));
    view.dispatch(setDiagnostics(view.state, found));
  }, [marks, value]);

  return (
    <div
      ref={host}
      data-code-editor
      className={cx(
        controlClasses,
        'cursor-text overflow-hidden p-0 focus-within:border-accent',
        invalid === true && 'border-failed',
        className,
      )}
    />
  );
}

function attributesOf(label: string, id?: string, describedBy?: string, invalid?: boolean) {
  return EditorView.contentAttributes.of({
    'aria-label': label,
    ...(id !== undefined && { id }),
    ...(describedBy !== undefined && { 'aria-describedby': describedBy }),
    ...(invalid === true && { 'aria-invalid': 'true' }),
  });
}

/** A text that cannot be edited still takes the focus: it is read and copied by keyboard too. */
function accessOf(editable: boolean) {
  return editable
    ? []
    : [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-readonly': 'true' }),
      ];
}

function handleOf(view: EditorView) {
  return {
    goTo: (position: number): void => {
      const anchor = Math.max(0, Math.min(position, view.state.doc.length));
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.focus();
    },
    insert: (text: string): void => {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
  };
}
