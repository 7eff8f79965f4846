import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import type { Extension } from '@codemirror/state';
import { celLanguage, jsonataLanguage, templateLanguage } from './expression-languages';
import type { CodeLanguage } from './props';

const EXTENSIONS: Record<CodeLanguage, () => Extension> = {
  text: () => [],
  json,
  yaml,
  javascript: () => javascript(),
  typescript: () => javascript({ typescript: true }),
  cel: () => celLanguage,
  jsonata: () => jsonataLanguage,
  template: () => templateLanguage,
};

export function languageExtension(language: CodeLanguage): Extension {
  return EXTENSIONS[language]();
}
