/**
 * Every example of docs/steps on the platform: what the pages show is what happens. A YAML block is a workflow; the JSON
 * blocks behind it say what goes in and what comes out: `json parameters`, `json event` (sent to POST /events),
 * `json decision` (of an approval), `json output` or `json error` (of the execution). A block whose like was there before
 * begins another run of the same workflow, with the same parameters unless it brings its own. A workflow with an `id` is
 * one that others call. In what is expected, `…` stands for any value, and a member of that name for any others.
 */
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { executionStatus, isTerminal } from '@millrace/contracts';
import { createKeyring } from '@millrace/persistence';
import { close, listen } from '@millrace/service-kit';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { type Engine, startEngine } from '../support/engine.js';
import type { Json } from '../support/http.js';
import { fencesOf, readDocument, root } from '../support/markdown.js';
import { expectStatus, type GatewayUnderTest, startGateway } from '../support/platform.js';
import { eventually } from '../support/poll.js';

const ANYTHING = '…';
const ROLES = ['parameters', 'event', 'decision', 'output', 'error'] as const;
type Role = (typeof ROLES)[number];

interface Example {
  /** The page, and which of its workflows. */
  title: string;
  yaml: string;
  blocks: Map<Role, unknown>;
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

function examplesOf(file: string): Example[] {
  const examples: Example[] = [];
  for (const { language, role, content } of fencesOf(readDocument(file))) {
    if (language === 'yaml') {
      const name = z.object({ name: z.string() }).parse(parseYaml(content)).name;
      examples.push({ title: `${file}: ${name}`, yaml: content, blocks: new Map() });
    } else if (language === 'json' && role !== '') {
      if (!isRole(role)) throw new Error(`${file} has a block "json ${role}"; known are ${ROLES.join(', ')}`);
      runFor(role, examples).blocks.set(role, JSON.parse(content));
    }
  }
  return examples;
}

/** The run of the last workflow that a block belongs to. */
function runFor(role: Role, examples: Example[]): Example {
  const last = examples.at(-1);
  if (last === undefined) throw new Error(`a block "json ${role}" stands before every workflow`);
  if (!last.blocks.has(role)) return last;
  const blocks = new Map([...last.blocks].filter(([known]) => known === 'parameters'));
  const next = { ...last, title: `${last.title}, again`, blocks };
  examples.push(next);
  return next;
}

/** What is expected, with everything that `…` stands for filled in from what there is. */
function filledIn(expected: unknown, actual: unknown): unknown {
  if (expected === ANYTHING) return actual;
  if (Array.isArray(expected)) {
    return expected.map((item: unknown, at) =>
      filledIn(item, Array.isArray(actual) ? actual[at] : undefined),
    );
  }
  if (typeof expected !== 'object' || expected === null) return expected;
  const found = z.record(z.string(), z.unknown()).safeParse(actual).data ?? {};
  const { [ANYTHING]: others, ...members } = z.record(z.string(), z.unknown()).parse(expected);
  return {
    ...(others === undefined ? {} : found),
    ...Object.fromEntries(Object.entries(members).map(([key, value]) => [key, filledIn(value, found[key])])),
  };
}

/** The services that the examples call. */
function answerOf(method: string, { pathname, searchParams }: URL, key: string): [number, object] {
  switch (`${method} ${pathname}`) {
    case 'POST /orders':
      return [201, { order: 1042 }];
    case 'GET /orders':
      return [200, ['order-1041', 'order-1042']];
    case 'POST /oauth/token':
      return [200, { access_token: 'of-the-test', token_type: 'bearer', expires_in: 60 }];
    case 'GET /issues':
      return [
        200,
        searchParams.has('after') ? { issues: [{ id: 2 }] } : { issues: [{ id: 1 }], next: 'second-page' },
      ];
    case 'POST /reports':
      return [201, { id: 7 }];
    default:
      return [404, { method, pathname, key }];
  }
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const key = String(request.headers['idempotency-key'] ?? '');
  const [status, body] = answerOf(request.method ?? '', new URL(request.url ?? '/', 'http://test'), key);
  request.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
}

describe('the examples of docs/steps', function () {
  this.timeout(60_000);
  const files = readdirSync(path.join(root, 'docs/steps')).map((file) => `docs/steps/${file}`);
  const examples = files.flatMap(examplesOf);
  const server = createServer(serve);
  let gateway: GatewayUnderTest;
  let engine: Engine;
  let target: string;
  before(async () => {
    await listen(server, 0, '127.0.0.1');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the target has no port');
    target = `http://127.0.0.1:${String(address.port)}`;
    gateway = await startGateway();
    const key = Buffer.from(gateway.env['SECRETS_KEY'] ?? '', 'base64');
    engine = await startEngine({ database: gateway.database, keyring: createKeyring({ key }) });
    await engine.startWorker({ allow: ['127.0.0.1'] });
    await engine.startScheduler();
  });
  after(async () => {
    await engine.stop();
    await gateway.stop();
    server.closeAllConnections();
    await close(server);
  });

  /** Services of the documents are ours. */
  const placed = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(/https:\/\/\w+\.example\.com/g, target));

  const asAdmin = (method: string, address: string, json?: unknown) =>
    gateway.request(method, address, { token: gateway.admin.token, ...(json !== undefined && { json }) });

  async function create(yaml: string): Promise<string> {
    for (const [, name = ''] of yaml.matchAll(/secret\("([^"]+)"\)/g)) {
      const answer = await asAdmin('PUT', `/secrets/${name}`, { value: `value of ${name}` });
      expect(answer.status, answer.text).to.be.oneOf([200, 201]);
    }
    return gateway.createWorkflow({ definition: z.looseObject({}).parse(parseYaml(yaml)) });
  }

  async function decide(executionId: string, decision: unknown): Promise<void> {
    const approval = await eventually(async () => {
      const open = await asAdmin('GET', `/approvals?status=open&execution=${executionId}`);
      const [first] = expectStatus(open, 200).body.list();
      if (first === undefined) throw new Error('nothing is asked yet');
      return first.text('approval_id');
    });
    expectStatus(await asAdmin('POST', `/approvals/${approval}/decide`, decision), 200);
  }

  async function ended(executionId: string): Promise<Json> {
    return eventually(
      async () => {
        const { body } = expectStatus(await asAdmin('GET', `/executions/${executionId}`), 200);
        const status = body.text('status');
        if (!isTerminal(executionStatus.parse(status))) throw new Error(`still ${status}`);
        return body;
      },
      { timeoutMs: 45_000 },
    );
  }

  it('are there for every page', () => {
    const pages = new Set(examples.map(({ title }) => title.split(':')[0]));

    expect(files.filter((file) => !pages.has(file))).to.deep.equal([]);
  });

  for (const { title, yaml, blocks } of examples) {
    if (/^id:/m.test(yaml)) {
      it(`${title} (called by others)`, async () => {
        await create(yaml);
      });
      continue;
    }

    it(title, async () => {
      const workflow = await create(yaml);
      const parameters = z.looseObject({}).parse(placed(blocks.get('parameters') ?? {}));

      const execution = await gateway.execute(workflow, parameters);
      const event = blocks.get('event');
      if (event !== undefined) expectStatus(await asAdmin('POST', '/events', event), 202);
      const decision = blocks.get('decision');
      if (decision !== undefined) await decide(execution, decision);
      const { value } = await ended(execution);

      const { status, result, error } = z
        .object({ status: z.string(), result: z.unknown(), error: z.unknown() })
        .parse(value);
      const isFailure = blocks.has('error');
      expect(isFailure || blocks.has('output'), 'says what comes of it').to.equal(true);
      expect(status, JSON.stringify(error)).to.equal(isFailure ? 'failed' : 'completed');
      const actual = isFailure ? error : z.object({ output: z.unknown() }).parse(result).output;
      const expected = placed(blocks.get(isFailure ? 'error' : 'output'));
      expect(actual).to.deep.equal(filledIn(expected, actual));
    });
  }
});
