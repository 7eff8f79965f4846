/** Plain HTTP for tests: what a user's own client would see, and nothing nicer. */

export interface RequestOptions {
  token?: string;
  /** Sent as JSON, with its content type. */
  json?: unknown;
  form?: Record<string, string>;
  /** Sent as it is. */
  body?: string | Buffer;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; undefined where it is none. Loosely typed on purpose: a test looks at what is there. */
  body: Json;
}

/** JSON that a test looks into without proving its shape first; a wrong guess reads as undefined. */
export class Json {
  constructor(readonly value: unknown) {}

  at(...path: (string | number)[]): unknown {
    let here: unknown = this.value;
    for (const key of path) {
      if (typeof here !== 'object' || here === null) return undefined;
      here = Reflect.get(here, key);
    }
    return here;
  }

  text(...path: (string | number)[]): string {
    const found = this.at(...path);
    if (typeof found !== 'string')
      throw new Error(`no text at ${path.join('.')}: ${JSON.stringify(this.value)}`);
    return found;
  }

  number(...path: (string | number)[]): number {
    const found = this.at(...path);
    if (typeof found !== 'number')
      throw new Error(`no number at ${path.join('.')}: ${JSON.stringify(this.value)}`);
    return found;
  }

  list(...path: (string | number)[]): Json[] {
    const found = this.at(...path);
    if (!Array.isArray(found)) throw new Error(`no list at ${path.join('.')}: ${JSON.stringify(this.value)}`);
    return found.map((item: unknown) => new Json(item));
  }
}

export async function send(
  baseUrl: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, baseUrl), toInit(method, options));
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: new Json(parse(text)) };
}

function toInit(method: string, { token, json, form, body, headers }: RequestOptions): RequestInit {
  const sent = new Headers(headers);
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (json !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
  const init: RequestInit = { method, headers: sent, redirect: 'manual' };
  if (json !== undefined) init.body = JSON.stringify(json);
  else if (form !== undefined) init.body = new URLSearchParams(form);
  else if (body !== undefined) init.body = body;
  return init;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
