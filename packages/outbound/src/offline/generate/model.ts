/** A type in no language yet. */
export interface TypeRef {
  readonly base: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'void' | 'unknown' | 'entity';
  /** The entity's name when `base` is `entity`. */
  readonly entity: string | null;
  readonly list: boolean;
}

export interface Field {
  /** In camel case. */
  readonly name: string;
  readonly type: TypeRef;
  readonly optional: boolean;
}

export interface Entity {
  /** In Pascal case. */
  readonly name: string;
  readonly fields: readonly Field[];
  readonly source: string;
}

export interface Operation {
  /** In camel case. */
  readonly name: string;
  readonly parameters: readonly Field[];
  readonly returns: TypeRef;
  readonly async: boolean;
  readonly source: string;
}

export interface Model {
  readonly entities: readonly Entity[];
  readonly operations: readonly Operation[];
}

export function typeOf(base: Exclude<TypeRef['base'], 'entity'>, list = false): TypeRef {
  return { base, entity: null, list };
}

function parts(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase());
}

export function pascalCase(text: string): string {
  return parts(text)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

export function camelCase(text: string): string {
  const name = pascalCase(text);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export function snakeCase(text: string): string {
  return parts(text).join('_');
}

export function kebabCase(text: string): string {
  return parts(text).join('-');
}

export function singular(word: string): string {
  if (/ies$/i.test(word)) return word.replace(/ies$/i, 'y');
  if (/(ss|us|is)$/i.test(word)) return word;
  return word.replace(/(ch|sh|x|ss)es$/i, '$1').replace(/s$/i, '');
}
