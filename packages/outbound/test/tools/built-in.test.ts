import type { JsonValue } from '@millrace/contracts';
import { expect } from 'chai';
import type { CodeRunner, ToolScope } from '../../src/index.js';
import { startServer } from '../support/server.js';
import { failureOf, outputOf, setup, stopAll, stopLater } from './support.js';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

describe('the toolbox', () => {
  afterEach(stopAll);

  it('gives what is named, each once, with names and schemas for models', async () => {
    const tools = await setup().select('context', 'http', 'context');
    expect(tools.map(({ name }) => name)).to.deep.equal(['context', 'http']);
    expect(
      tools.every(({ name, inputSchema }) => NAME.test(name) && inputSchema['type'] === 'object'),
    ).to.equal(true);
  });

  it('gives nothing where nothing is named', async () => {
    expect(await setup().select()).to.deep.equal([]);
  });

  it('refuses a tool that there is not, and code without a sandbox', async () => {
    const bench = setup();
    expect((await bench.refusal('shell')).code).to.equal('tool_unknown');
    expect((await bench.refusal('code')).code).to.equal('tool_unavailable');
    expect((await bench.refusal('mcp:files')).message).to.contain('no MCP server "files"; there is none');
  });

  it('runs nothing for a step that is cancelled', async () => {
    const bench = setup();
    const [http] = await bench.select('http');
    const outcome = await bench.call(http, { url: 'http://127.0.0.1:1/' }, AbortSignal.abort());
    expect(failureOf(outcome).code).to.equal('aborted');
  });
});

describe('the tool http', () => {
  afterEach(stopAll);

  async function page(body: string | Buffer, type = 'text/plain') {
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': type, 'set-cookie': 'session=1' }).end(body);
    });
    stopLater(() => server.close());
    return server;
  }

  it('answers with status, body and the headers that matter', async () => {
    const server = await page('{"a":1}', 'application/json');
    const bench = setup();
    const [http] = await bench.select('http');
    const output = outputOf(await bench.call(http, { url: `${server.origin}/x`, query: { q: 'a b' } }));
    expect(output).to.deep.include({ status: 200, body: { a: 1 }, url: `${server.origin}/x?q=a+b` });
    expect(JSON.stringify(output)).not.to.contain('session=1');
    expect(server.seen[0]).to.include({ method: 'GET', path: '/x?q=a+b' });
  });

  it('may only read, unless the operator allows more', async () => {
    const server = await page('ok');
    const bench = setup();
    const [http] = await bench.select('http');
    const [open] = await setup({}, { httpMethods: ['GET', 'POST'] }).select('http');
    const refused = failureOf(await bench.call(http, { url: server.origin, method: 'post', body: 'x' }));
    const allowed = await bench.call(open, { url: server.origin, method: 'post', body: { a: 1 } });
    expect(refused).to.include({ code: 'method_not_allowed', endsStep: false });
    expect(refused.message).to.contain('may not use POST; it may use GET, HEAD');
    expect(outputOf(allowed)).to.include({ status: 200 });
    expect(server.seen.map(({ method, body }) => [method, body])).to.deep.equal([['POST', '{"a":1}']]);
  });

  it('is under the guard', async () => {
    const { createGuardedHttp } = await import('../../src/index.js');
    const http = createGuardedHttp();
    stopLater(() => http.close());
    const bench = setup({}, { http });
    const [tool] = await bench.select('http');
    for (const url of [
      'http://127.0.0.1/',
      'http://169.254.169.254/latest/meta-data',
      'http://[::1]:8080/',
      'file:///etc/passwd',
    ]) {
      const error = failureOf(await bench.call(tool, { url }));
      expect(error.code, url).to.be.oneOf(['blocked_address', 'invalid_url']);
      expect(error.endsStep).to.equal(false);
    }
  });

  it('cuts long texts, and shows of bytes only how many there are', async () => {
    const long = await page('x'.repeat(200_000));
    const bytes = await page(Buffer.from([0, 255, 1, 254]), 'image/png');
    const bench = setup();
    const [http] = await bench.select('http');
    const text = outputOf(await bench.call(http, { url: long.origin }));
    const image = outputOf(await bench.call(http, { url: bytes.origin }));
    expect(JSON.stringify(text).length).to.be.lessThan(20_000);
    expect(image).to.have.deep.property('body', { binary: true, content_type: 'image/png', bytes: 4 });
  });

  for (const [input, words] of [
    [{}, 'url'],
    [{ url: 'http://a', evil: 1 }, 'evil'],
    ['http://a', 'object'],
    [null, 'object'],
    [{ url: 'http://a', headers: { a: { b: 1 } } }, 'headers'],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(input)}`, async () => {
      const bench = setup();
      const [http] = await bench.select('http');
      const error = failureOf(await bench.call(http, input));
      expect(error.code).to.equal('tool_input_invalid');
      expect(error.message).to.contain(words);
    });
  }
});

describe('the tool code', () => {
  afterEach(stopAll);
  const asked: { source: string; input: JsonValue }[] = [];
  const runner: CodeRunner = {
    run({ source, input, onLog }) {
      asked.push({ source, input });
      for (let line = 0; line < 500; line += 1) onLog('info', `line ${line} ${'.'.repeat(1_000)}`);
      return Promise.resolve(
        source === 'return 42;'
          ? { ok: true, output: 42 }
          : { ok: false, error: { code: 'code_failed', message: 'ReferenceError: x is not defined' } },
      );
    },
  };

  it('runs the source with its input, and shows what it printed, bounded', async () => {
    const bench = setup({}, { code: runner });
    const [code] = await bench.select('code');
    const output = outputOf(await bench.call(code, { source: 'return 42;', input: { n: 1 } }));
    expect(asked.at(-1)).to.deep.equal({ source: 'return 42;', input: { n: 1 } });
    expect(JSON.stringify(output).length).to.be.lessThan(33_000);
    expect(JSON.stringify(output)).to.contain('42');
  });

  it('shows an error of the code as something to observe', async () => {
    const bench = setup({}, { code: runner });
    const [code] = await bench.select('code');
    const error = failureOf(await bench.call(code, { source: 'return x;' }));
    expect(error).to.include({ code: 'code_failed', endsStep: false });
  });
});

describe('the tool context', () => {
  afterEach(stopAll);
  const scope: ToolScope = {
    parameters: { topic: 'rivers', nested: { list: [1, 2, { deep: true }] } },
    steps: {
      fetch: { status: 'completed', output: { items: [{ name: 'Rhine' }, { name: 'Elbe' }], 'odd name': 1 } },
      'fetch-2': { status: 'completed', output: 'text' },
      big: { status: 'completed', output: Array.from({ length: 50_000 }, (_, index) => index) },
    },
    execution: { id: 'exec_1', workflow_name: 'Test' },
  };

  async function look(path?: string) {
    const bench = setup({}, { scope });
    const [context] = await bench.select('context');
    return bench.call(context, path === undefined ? {} : { path });
  }

  it('lists what is there without a path', async () => {
    const output = JSON.stringify(outputOf(await look()));
    for (const words of ['"topic"', 'steps[\\"fetch-2\\"].output', '"length":50000', '"exec_1"'])
      expect(output).to.contain(words);
    expect(output.length).to.be.lessThan(2_000);
  });

  for (const [path, value] of [
    ['parameters.topic', 'rivers'],
    ['$.parameters.nested.list[-1].deep', true],
    ['steps.fetch.output.items[1].name', 'Elbe'],
    ['steps["fetch-2"].output', 'text'],
    ["steps['fetch'].output['odd name']", 1],
    ['steps.fetch-2.output', 'text'],
    ['steps.`fetch`.output.`odd name`', 1],
    ['steps.fetch.status', 'completed'],
    ['execution.workflow_name', 'Test'],
  ] as const) {
    it(`finds ${path}`, async () => {
      expect(outputOf(await look(path))).to.deep.equal({ value });
    });
  }

  for (const path of [
    'steps.fetch.output.items[9]',
    'steps.nothing.output',
    'parameters.__proto__',
    'parameters.constructor.constructor',
    'parameters.topic.length',
    'steps.fetch.output.items.length',
    '__proto__.polluted',
  ]) {
    it(`says that there is no ${path}, and what there is`, async () => {
      const error = failureOf(await look(path));
      expect(error).to.include({ code: 'path_not_found', endsStep: false });
      expect(error.message).to.contain('There is ');
    });
  }

  for (const path of [
    'steps[',
    'a..b',
    'steps.fetch.output[?(@.x)]',
    '$sum(steps)',
    'a b',
    '['.repeat(900),
  ]) {
    it(`refuses ${path.slice(0, 30)}, which is no path`, async () => {
      expect(failureOf(await look(path)).code).to.equal('tool_input_invalid');
    });
  }

  it('shows the outline and the beginning of what is too large', async () => {
    const output = outputOf(await look('steps.big.output'));
    expect(output).to.include({ truncated: true, type: 'array', length: 50_000 });
    expect(JSON.stringify(output).length).to.be.lessThan(17_000);
  });
});
