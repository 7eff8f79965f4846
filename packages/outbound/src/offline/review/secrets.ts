import { ANY, type Hit, type Rule } from './rule.js';

const KNOWN_FORMS: readonly [RegExp, string][] = [
  [/\bAKIA[0-9A-Z]{16}\b/g, 'an AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/g, 'a GitHub token'],
  [/\bsk-[A-Za-z0-9_-]{20,}/g, 'an API key'],
  [/\bsk_live_[A-Za-z0-9]{16,}/g, 'a Stripe key'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, 'a Slack token'],
  [/\bAIza[0-9A-Za-z_-]{35}\b/g, 'a Google API key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g, 'a JSON Web Token'],
  [/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g, 'a private key'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/'"]+:[^\s:@/'"${]{3,}@[^\s'"]+/g, 'a password in a URL'],
];

const NAMED =
  /\b\w*(?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key)(?!i[sz]e)\w{0,12}['"]?\s*(?::\s*(?:string|str)\s*)?(?:=|:)\s*[rbf]?(["'`])([^"'`\n]{6,})\1/gi;

const PLACEHOLDER =
  /^(?:<.*>|\$\{.*|\{\{.*|%.*%|process\.env.*|(?:your|my|the|some|change|example|dummy|fake|test|placeholder|xxx|todo|none|null|undefined|password|secret|token|api[-_ ]?key|\*+|x+)\b.*)$|\s/i;

/** Bits per character, by Shannon: words lie near 3, random keys above 4. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Secrets by their known forms, by the name they are assigned to, and by how random a long literal looks. */
export const hardCodedSecret: Rule = {
  id: 'hard-coded-secret',
  severity: 'error',
  languages: ANY,
  check: ({ source, isTest }) => {
    const hits: Hit[] = [];
    const text = source.uncommented;
    const add = (offset: number, what: string, secret: string): void => {
      const known = hits.some(
        (hit) =>
          hit.secret !== undefined &&
          Math.abs(hit.offset - offset) < Math.max(hit.secret.length, secret.length),
      );
      if (!known)
        hits.push({
          offset,
          message: `This looks like ${what}; keep secrets outside the code and replace this one`,
          secret,
        });
    };
    for (const [pattern, what] of KNOWN_FORMS) {
      for (const match of source.original.matchAll(pattern)) add(match.index, what, match[0]);
    }
    if (isTest) return hits;
    for (const match of text.matchAll(NAMED)) {
      const value = match[2] ?? '';
      if (!PLACEHOLDER.test(value))
        add(match.index + match[0].lastIndexOf(value), 'a hard-coded secret', value);
    }
    for (const { start, value } of source.strings) {
      const random =
        /^[A-Za-z0-9+/_=-]{32,200}$/.test(value) &&
        /\d/.test(value) &&
        /[a-z]/.test(value) &&
        /[A-Z]/.test(value);
      if (random && entropy(value) > 4.3) add(start + 1, 'a random key', value);
    }
    return hits;
  },
};
