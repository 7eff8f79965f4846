import { descriptorOf, type JsonValue, type StepKind, type StepKindDescriptor } from '@millrace/contracts';

export type Loc = readonly (string | number)[];

/** True for the place of a value that one of the paths leads to, and for everything below it. */
export function isAt(paths: readonly string[], loc: Loc): boolean {
  return paths.some((path) => {
    const parts = path.split('.');
    return (
      loc.length >= parts.length && parts.every((part, depth) => part === '*' || part === String(loc[depth]))
    );
  });
}

/** The values a path leads to; none where the configuration has nothing there. */
export function valuesAt(value: JsonValue, path: string): { loc: Loc; value: JsonValue }[] {
  let found: { loc: Loc; value: JsonValue }[] = [{ loc: [], value }];
  for (const part of path.split('.')) {
    found = found.flatMap(({ loc, value: at }) => membersAt(at, part, loc));
  }
  return found;
}

function membersAt(value: JsonValue, part: string, loc: Loc): { loc: Loc; value: JsonValue }[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      part === '*' || part === String(index) ? [{ loc: [...loc, index], value: item }] : [],
    );
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return [];
  const member = value[part];
  return member === undefined ? [] : [{ loc: [...loc, part], value: member }];
}

/** What of a configuration is not filled in before the step runs: whole expressions, literal text, and the graph of a body. */
export function untemplatedPaths(kind: StepKind): readonly string[] {
  const { celFields, jsonataFields, literalFields = [], hasBody }: StepKindDescriptor = descriptorOf(kind);
  return [...celFields, ...jsonataFields, ...literalFields, ...(hasBody === true ? ['body'] : [])];
}
