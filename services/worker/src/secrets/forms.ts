/** A text that gives a secret away wherever it appears. */
export interface Form {
  readonly name: string;
  readonly text: string;
  /** Base64 of text around the value too: the characters before and after hold some of its bits. */
  readonly edges: { readonly before: boolean; readonly after: boolean } | null;
}

/** A line of a value of several lines is hidden by itself from this length on: tools print keys line by line. */
const MIN_LINE = 8;
/** Shorter ones would hide half of every text. */
const MIN_FORM = 4;

const hexOf = (bytes: Buffer): string => bytes.toString('hex');
const percentHex = (bytes: Buffer): string => hexOf(bytes).replaceAll(/../g, '%$&');
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const asciiJson = (text: string): string =>
  inJson(text).replaceAll(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const strictPercent = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*~]/g, (c) => percentHex(Buffer.from(c)).toUpperCase());
const lowerPercent = (text: string): string => text.replaceAll(/%[0-9A-F]{2}/g, (c) => c.toLowerCase());
const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** As it is, and as the encodings that it meets on its way make it. */
function writings(value: string): string[] {
  const bytes = Buffer.from(value);
  const json = inJson(value);
  const percent = [encodeURIComponent(value), encodeURI(value), strictPercent(value)];
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  return [
    ...[value, json, inJson(json), asciiJson(value), json.replaceAll('/', '\\/')],
    ...[...percent, ...percent.map((text) => text.replaceAll('%20', '+')), form].flatMap((text) => [
      text,
      lowerPercent(text),
    ]),
    ...[percentHex(bytes), percentHex(bytes).toUpperCase(), hexOf(bytes), hexOf(bytes).toUpperCase()],
    ...[inHtml(value), inHtml(value).replaceAll("'", '&#39;'), inHtml(value).replaceAll("'", '&#x27;')],
  ];
}

/** The middle of the value's Base64 behind 0, 1 and 2 other bytes, as in `user:value`: it is the same whatever they are. */
function base64(name: string, value: string): Form[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const before = offset > 0;
    const bits = (offset + bytes.length) * 8;
    const after = bits % 6 !== 0;
    const middle = text.slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6));
    const urlSafe = middle.replaceAll('+', '-').replaceAll('/', '_');
    return [...new Set([middle, urlSafe])].map((each) => ({ name, text: each, edges: { before, after } }));
  });
}

/** Every form of every secret, the longest first, so that none is cut by a shorter one inside it. */
export function formsOf(values: ReadonlyMap<string, string>): Form[] {
  const forms = new Map<string, Form>();
  for (const [name, value] of values) {
    const lines = value.split(/\r?\n/).map((line) => line.trim());
    const parts = new Set([value, value.trim(), ...lines.filter((line) => line.length >= MIN_LINE)]);
    for (const part of parts) {
      const plain = writings(part).map((text) => ({ name, text, edges: null }));
      for (const form of [...plain, ...base64(name, part)]) {
        if (form.text.length >= MIN_FORM && !forms.has(form.text)) forms.set(form.text, form);
      }
    }
  }
  return [...forms.values()].sort((a, b) => b.text.length - a.text.length);
}
