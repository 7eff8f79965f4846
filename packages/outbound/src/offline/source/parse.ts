import type { SourceLanguage } from './language.js';
import type { MaskedSource } from './mask.js';
import { parsePython } from './python.js';
import { parseScript } from './script.js';
import type { ParsedSource } from './signature.js';

/** What a source declares; nothing for a language that is not known. */
export function parseSource(source: MaskedSource, language: SourceLanguage): ParsedSource {
  if (language === 'python') return parsePython(source);
  return language === 'other' ? { functions: [], classes: [] } : parseScript(source);
}
