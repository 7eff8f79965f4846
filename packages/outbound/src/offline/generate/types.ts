import { pascalCase, singular, typeOf, type TypeRef } from './model.js';

const NAMED: readonly [RegExp, Exclude<TypeRef['base'], 'entity'>][] = [
  [/^(string|str|text|varchar\w*|char|uuid|email|url|uri|password|enum|slug)$/, 'string'],
  [/^(int|integer|bigint|long|serial|smallint)$/, 'integer'],
  [/^(number|float|double|decimal|numeric|money|currency|real|percentage)$/, 'number'],
  [/^(bool|boolean|flag|yes\/no)$/, 'boolean'],
  [/^(date|datetime|timestamp|timestamptz|time|instant)$/, 'date'],
  [/^(void|none|nothing|null|undefined)$/, 'void'],
  [/^(any|unknown|object|json|jsonb|dict|map|record)$/, 'unknown'],
];

const BY_NAME: readonly [RegExp, TypeRef][] = [
  [
    /(^|_)(is|has|can|active|enabled|verified|done|completed|paid|archived|published)(_|$)|_flag$/,
    typeOf('boolean'),
  ],
  [/(_at|_on|date|deadline|birthday|timestamp|time)$/, typeOf('date')],
  [/(count|quantity|age|stock|year|position|rank|size|attempts)$/, typeOf('integer')],
  [
    /(price|amount|total|balance|cost|rate|weight|height|width|score|percentage|duration|salary|tax|discount)$/,
    typeOf('number'),
  ],
  [/(tags|labels|names|notes|keywords|roles|permissions|categories)$/, typeOf('string', true)],
];

/** The type an author wrote, in the words of any language; undefined when the word means no type. */
export function parseType(written: string, entities: ReadonlySet<string>): TypeRef | undefined {
  let text = written
    .trim()
    .replace(/^(?:an?|the)\s+/i, '')
    .replace(/^Promise<(.*)>$/, '$1')
    .replace(/\s*\|\s*(?:null|undefined|None)$/, '')
    .replace(/^Optional\[(.*)\]$/, '$1');
  let list = false;
  const listed =
    /^(?:list|array|set|collection|sequence)\s+of\s+(.+)$/i.exec(text) ??
    /^(?:Array|List|list|Set|set|Sequence)\s*[<[](.+)[>\]]$/.exec(text) ??
    /^(.+)\[\]$/.exec(text);
  if (listed?.[1] !== undefined) {
    list = true;
    text = listed[1];
  }
  const lower = text.trim().toLowerCase();
  const known = NAMED.find(
    ([pattern]) => pattern.test(lower) || (list && pattern.test(singular(lower))),
  )?.[1];
  if (known !== undefined) return typeOf(known, list);
  const plain = pascalCase(text);
  const one = pascalCase(singular(text.trim()));
  if (entities.has(plain)) return { base: 'entity', entity: plain, list };
  return entities.has(one) ? { base: 'entity', entity: one, list: true } : undefined;
}

/** The type a name suggests: an entity's, or what such names usually hold; text where nothing is known. */
export function typeFromName(name: string, entities: ReadonlySet<string>): TypeRef {
  const asEntity = parseType(name, entities);
  if (asEntity?.base === 'entity') return asEntity;
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return BY_NAME.find(([pattern]) => pattern.test(snake))?.[1] ?? typeOf('string');
}
