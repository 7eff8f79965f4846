import { parseBlocks, sentencesOf, tidy } from '../text/blocks.js';
import { camelCase, pascalCase, singular, type Entity, type Field } from './model.js';
import { parseType, typeFromName } from './types.js';

/** An entity before the names of all entities are known, which its field types need. */
interface Draft {
  readonly name: string;
  readonly fields: string[];
  readonly source: string;
}

const NAME = '([A-Za-z][A-Za-z0-9]*(?:\\s[A-Z][A-Za-z0-9]*)?)';
const HAS = new RegExp(
  `^(?:an?|each|every|the|one|all)?\\s*\\**${NAME}\\**\\s+(?:entity\\s+|record\\s+|object\\s+)?(?:has|have|contains?|includes?|consists? of|stores?|holds?|is described by|is made of)(?:\\s+|\\s*:\\s*)(?!to\\b|been\\b|access\\b)(?:the\\s+)?(?:following\\s+)?(?:fields?|properties|attributes)?\\s*:?\\s*(.+)$`,
  'is',
);
const DECLARED = new RegExp(
  `\\b(?:entity|class|model|record|table|interface|struct|type|dataclass)\\s+\\**\`?${NAME}\`?\\**\\s*(?:has|with|:|=|\\{|\\(|consists of|contains)\\s*(?:the\\s+)?(?:fields?|properties|attributes|columns)?\\s*:?\\s*([^{}()\\n]+(?:\\([^)]*\\)[^{}()\\n]*)*)`,
  'gi',
);
const LISTED = /^[*_`]*([A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)?)[*_`]*\s*(?::|[-–—]|\()\s*(.+?)\)?$/s;
const ENTITY_HEADING = /\b(entit|data model|models?\b|domain|objects|tables|schema|records|types)/i;
const TYPED = /^[*_`]*([A-Za-z][\w ]{0,40}?)[*_`]*\s*(\?)?\s*(?::|\()\s*(.+)$/s;

/** Splits at commas, semicolons and "and" outside brackets. */
function splitFields(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = '';
  for (const token of text.split(/(\(|\)|<|>|\[|\]|[,;]|\s+and\s+)/)) {
    if (/^[(<[]$/.test(token)) depth += 1;
    if (/^[)>\]]$/.test(token)) depth -= 1;
    if (depth <= 0 && /^(?:[,;]|\s+and\s+)$/.test(token)) {
      parts.push(current);
      current = '';
    } else current += token;
  }
  return [...parts, current].map((part) => part.trim()).filter((part) => part !== '');
}

function parseField(text: string, entities: ReadonlySet<string>): Field | undefined {
  const bare = tidy(text).replace(/^(?:and|or|with)\s+/i, '');
  const optional = /\boptional(?:ly)?\b|\bnullable\b|\bif any\b|\?/i.test(bare);
  const cleaned = bare
    .replace(/\b(?:an?|the|optional(?:ly)?|unique|required|mandatory|its|their|own)\s+/gi, '')
    .replace(/[`*]/g, '');
  const typed = TYPED.exec(cleaned);
  if (typed?.[1] !== undefined) {
    const words = (typed[3] ?? '').replace(/\)$/, '').split(/[,;]/)[0] ?? '';
    const name = camelCase(typed[1]);
    return name === ''
      ? undefined
      : { name, type: parseType(words.trim(), entities) ?? typeFromName(typed[1], entities), optional };
  }
  const listOf = /^(?:list|array|set|collection|number)\s+of\s+(.+)$/i.exec(cleaned);
  const label = (listOf?.[1] ?? cleaned)
    .replace(/\s+(?:which|that|of|for|in|from|to|as|when|where)\b.*$/i, '')
    .replace(/\?$/, '')
    .trim();
  if (label === '' || label.split(/\s+/).length > 3 || !/^[A-Za-z]/.test(label)) return undefined;
  const counted = /^number\s+of/i.test(cleaned);
  const type = counted ? typeFromName('count', entities) : typeFromName(label, entities);
  return {
    name: camelCase(counted ? `${label} count` : label),
    type: listOf && !counted ? { ...type, list: true } : type,
    optional,
  };
}

function entityName(text: string): string {
  const words = text.trim().split(/\s+/);
  const last = words.pop() ?? '';
  return pascalCase([...words, singular(last)].join(' '));
}

const NOT_ENTITIES = new Set(
  'System Application App It This That They There User Interface Api Page Specification Requirement Following Each Platform Software Service'
    .split(' ')
    .filter((word) => word !== 'User'),
);

function drafts(text: string): Draft[] {
  const found: Draft[] = [];
  const blocks = parseBlocks(text);
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'heading') {
      const title =
        /^(?:(?:entity|model|class|table)\s*:?\s*)?([A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)?)(?:\s+(?:entity|model|class|table|fields|object))?$/i.exec(
          block.text,
        )?.[1];
      let end = index + 1;
      while (end < blocks.length && blocks[end]?.kind !== 'heading') end += 1;
      const items = blocks.slice(index + 1, end).filter(({ kind }) => kind === 'bullet');
      const typed = items.filter((item) =>
        /^[*_`]*[a-z][\w ]{0,30}[*_`]*\??\s*(?::|\()\s*[A-Za-z]/.test(item.text),
      );
      if (
        title !== undefined &&
        items.length > 0 &&
        typed.length === items.length &&
        !items.some(({ text: item }) => /\bshall|must|should\b/.test(item))
      ) {
        found.push({ name: entityName(title), fields: items.map((item) => item.text), source: block.text });
      }
      continue;
    }
    const listed = block.kind === 'paragraph' ? null : LISTED.exec(block.text);
    if (listed?.[1] !== undefined && ENTITY_HEADING.test(block.heading ?? '')) {
      found.push({ name: entityName(listed[1]), fields: splitFields(listed[2] ?? ''), source: block.text });
      continue;
    }
    for (const sentence of sentencesOf(block.text)) {
      for (const match of sentence.matchAll(DECLARED)) {
        found.push({
          name: entityName(match[1] ?? ''),
          fields: splitFields(tidy(match[2] ?? '')),
          source: sentence,
        });
      }
      const has = HAS.exec(tidy(sentence));
      if (has?.[1] !== undefined) {
        found.push({ name: entityName(has[1]), fields: splitFields(has[2] ?? ''), source: sentence });
      }
    }
  }
  return found.filter(({ name, fields }) => name !== '' && !NOT_ENTITIES.has(name) && fields.length > 0);
}

/** Entities with their fields; what is said about one in several places is put together. */
export function readEntities(text: string): Entity[] {
  const all = drafts(text);
  const names = new Set(all.map(({ name }) => name));
  const entities = new Map<string, Entity>();
  for (const draft of all) {
    const known = entities.get(draft.name);
    const fields = [...(known?.fields ?? [])];
    for (const part of draft.fields) {
      const field = parseField(part, names);
      if (field && !fields.some(({ name }) => name === field.name)) fields.push(field);
    }
    if (fields.length > 0)
      entities.set(draft.name, { name: draft.name, fields, source: known?.source ?? tidy(draft.source) });
  }
  return [...entities.values()];
}
