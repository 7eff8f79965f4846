import type { CompletionSource } from '@codemirror/autocomplete';

export const CODE_LANGUAGES = [
  'text',
  'json',
  'yaml',
  'javascript',
  'typescript',
  'cel',
  'jsonata',
  'template',
] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

/** A finding in the text, in UTF-16 units; it is underlined, and its words show where the pointer rests. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface CodeEditorProps {
  readonly value: string;
  /** Without it the text can be read and copied only. */
  readonly onChange?: ((value: string) => void) | undefined;
  readonly onBlur?: (() => void) | undefined;
  readonly onFocus?: (() => void) | undefined;
  readonly language: CodeLanguage;
  /** Its accessible name. */
  readonly label: string;
  readonly id?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean | undefined;
  readonly marks?: readonly Mark[] | undefined;
  readonly complete?: CompletionSource | undefined;
  readonly placeholder?: string | undefined;
  /** No line breaks: Enter does nothing, and what is pasted becomes one line. */
  readonly singleLine?: boolean | undefined;
  readonly lineNumbers?: boolean | undefined;
  /** The height grows with the text between these; 1 and 16 without them. */
  readonly minRows?: number | undefined;
  readonly maxRows?: number | undefined;
  readonly className?: string | undefined;
  /** Told the editor once it stands, to move its cursor. */
  readonly onReady?: ((handle: CodeEditorHandle) => void) | undefined;
}

export interface CodeEditorHandle {
  /** Puts the cursor at a place and scrolls there. */
  readonly goTo: (position: number) => void;
  /** Writes over the selection. */
  readonly insert: (text: string) => void;
}
