import { RE2JS } from 're2js';

/** Ajv's way to bring one's own regular expressions; `code` is for code that Ajv writes to files, which ours does not. */
export const linearPattern = Object.assign(
  (pattern: string): { test: (text: string) => boolean } => {
    const compiled = RE2JS.compile(pattern);
    return { test: (text) => compiled.matcher(text).find() };
  },
  { code: 'linearPattern' },
);
