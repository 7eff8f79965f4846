/**
 * An MCP server over standard input and output that misbehaves as its argument says. Plain JavaScript but for types:
 * no library would let it.
 */
import { createInterface } from 'node:readline';

const [, , way = ''] = process.argv;

interface Request {
  id?: number;
  method: string;
  params?: { protocolVersion?: string; name?: string };
}

function isRequest(value: unknown): value is Request {
  return typeof value === 'object' && value !== null && 'method' in value;
}

const send = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = (id: number | undefined, result: unknown): boolean => send({ jsonrpc: '2.0', id, result });
const parse: (text: string) => unknown = JSON.parse;
const tool = (name: string, more: object = {}): object => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});

function deep(levels: number): string {
  return `${'{"properties":'.repeat(levels)}{}${'}'.repeat(levels)}`;
}

function toolsOf(): unknown[] {
  switch (way) {
    case 'huge_schema': {
      const names = Array.from(
        { length: 5_000 },
        (_, index) => [`property_${index}`, { type: 'string' }] as const,
      );
      return [
        tool('big', { inputSchema: { type: 'object', properties: Object.fromEntries(names) } }),
        tool('small'),
      ];
    }
    case 'odd_names':
      return [
        tool('a b/c.d:é🙂'),
        tool('__proto__'),
        tool('constructor'),
        tool(''),
        tool('n'.repeat(300)),
        tool('read_file', { description: `Hi\u202e\u0007\u200b${'d'.repeat(100_000)}` }),
        tool('read_file', { description: 'twice' }),
      ];
    case 'many_tools':
      return Array.from({ length: 5_000 }, (_, index) => tool(`tool_${index}`));
    case 'prototype_keys':
      return [
        {
          name: 'polluting',
          inputSchema: parse(
            '{"type":"object","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
          ),
        },
      ];
    case 'nested_schema':
      return [tool('nested', { inputSchema: parse(`{"type":"object","properties":${deep(200)}}`) })];
    case 'bad_list':
      return [{ name: 5 }];
    default:
      return [tool('any')];
  }
}

let listed = 0;

function call(id: number | undefined): void {
  switch (way) {
    case 'silent_call':
      return;
    case 'mute':
      process.stdin.pause();
      return;
    case 'endless_line': {
      const more = (): void => {
        while (process.stdout.write('x'.repeat(65_536)));
        process.stdout.once('drain', more);
      };
      process.stdout.write('{"jsonrpc":"2.0","id":');
      more();
      return;
    }
    case 'endless_messages': {
      const line = `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } })}\n`;
      const more = (): void => {
        while (process.stdout.write(line));
        process.stdout.once('drain', more);
      };
      more();
      return;
    }
    case 'bad_result':
      answer(id, { content: 'not a list' });
      return;
    case 'prototype_keys':
      process.stdout.write(
        `{"jsonrpc":"2.0","id":${String(id)},"result":{"content":[],"structuredContent":{"__proto__":{"polluted":1},"kept":1}}}\n`,
      );
      return;
    case 'dies':
      process.exit(7);
      break;
    default:
      answer(id, { content: [{ type: 'text', text: 'ok' }] });
  }
}

function receive({ id, method, params }: Request): void {
  switch (method) {
    case 'initialize':
      if (way === 'never_answers') return;
      answer(id, {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'hostile', version: '1' },
      });
      return;
    case 'tools/list':
      listed += 1;
      if (way === 'mute' && listed > 1) return;
      if (way === 'endless_pages')
        answer(id, { tools: [tool(`page_${listed}`)], nextCursor: String(listed) });
      else if (way === 'deep_schema') {
        // As text: this process could not follow it, either.
        const list = `{"tools":[{"name":"deep","inputSchema":{"type":"object","properties":${deep(30_000)}}}]}`;
        process.stdout.write(`{"jsonrpc":"2.0","id":${String(id)},"result":${list}}\n`);
      } else answer(id, { tools: toolsOf() });
      return;
    case 'tools/call':
      call(id);
  }
}

if (way === 'garbage') process.stdout.write('Welcome!\n{"jsonrpc":\n{"a":1}\n[]\nnull\n');
if (way === 'log_flood')
  for (let line = 0; line < 20_000; line += 1) process.stderr.write(`${'noise '.repeat(300)}\n`);
if (way === 'stubborn') process.on('SIGTERM', () => undefined);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const message = parse(line);
  if (isRequest(message)) receive(message);
});
lines.once('close', () => {
  // A stubborn one stays when its input ends.
  if (way === 'stubborn' || way === 'mute') setInterval(() => undefined, 1_000);
});
