import type { JsonValue } from '@millrace/contracts';
import { useEffect, useState } from 'react';
import type { JsonPath } from './path';
import { findMatches } from './search';

const NONE: readonly JsonPath[] = [];
const TYPING_MS = 150;

/** The matches of a text; undefined while they are looked for. Nothing matches an empty text. */
export function useJsonSearch(value: JsonValue, text: string): readonly JsonPath[] | undefined {
  const [found, setFound] = useState<{ value: JsonValue; text: string; paths: readonly JsonPath[] }>();
  useEffect(() => {
    if (text === '') return;
    const work = findMatches(value, text);
    const advance = (): void => {
      const step = work.next();
      if (step.done === true) setFound({ value, text, paths: step.value });
      else timer = setTimeout(advance, 0);
    };
    let timer = setTimeout(advance, TYPING_MS);
    return () => clearTimeout(timer);
  }, [value, text]);
  if (text === '') return NONE;
  return found?.text === text && found.value === value ? found.paths : undefined;
}
