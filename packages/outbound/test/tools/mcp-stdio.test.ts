import { expect } from 'chai';
import { eventually } from '../../../../test/support/poll.js';
import { stdioServer } from '../../../../test/support/servers/mcp.js';
import { failureOf, isRunning, outputOf, setup, stopAll } from './support.js';

const expectGone = (pid: number) => eventually(() => expect(isRunning(pid)).to.equal(false));

describe('tools of an MCP server that is a program', () => {
  afterEach(stopAll);

  it('are listed with names and schemas for a model, and called', async () => {
    const bench = setup({ math: stdioServer() });
    const tools = await bench.select('mcp:math');
    const add = tools.find(({ name }) => name === 'math__add');
    const outcome = await bench.call(add, { a: 2, b: 40 });
    expect(tools.map(({ name }) => name)).to.include.members(['math__echo', 'math__word_count']);
    expect(add?.description).to.equal('Adds two numbers');
    expect(add?.inputSchema).to.deep.include({ type: 'object', required: ['a', 'b'] });
    expect(outputOf(outcome)).to.deep.equal({ sum: 42 });
  });

  it('can be chosen one by one, each once', async () => {
    const bench = setup({ math: stdioServer() });
    const tools = await bench.select('mcp:math/echo', 'mcp:math/word_count', 'mcp:math/echo');
    const outcomes = await Promise.all(tools.map((tool) => bench.call(tool, { text: 'one two' })));
    expect(tools.map(({ name }) => name)).to.deep.equal(['math__echo', 'math__word_count']);
    expect(outcomes.map(outputOf)).to.deep.equal(['one two', '2']);
  });

  it('are only those that the operator allows', async () => {
    const bench = setup({ math: stdioServer([], { tools: ['echo'] }) });
    const tools = await bench.select('mcp:math');
    const error = await bench.refusal('mcp:math/add');
    expect(tools.map(({ name }) => name)).to.deep.equal(['math__echo']);
    expect(error).to.include({ code: 'tool_unknown' });
    expect(error.message).to.contain('offers agents no tool "add"; it offers echo');
  });

  it('answer a failure of theirs, and wrong input, as something to observe', async () => {
    const bench = setup({ math: stdioServer() });
    const [fail, add] = await bench.select('mcp:math/fail', 'mcp:math/add');
    const failed = failureOf(await bench.call(fail));
    const wrong = failureOf(await bench.call(add, { a: 'two' }));
    const list = failureOf(await bench.call(add, [1, 2]));
    expect(failed).to.include({ code: 'tool_failed', endsStep: false, retryable: false });
    expect(failed.message).to.contain('it did not work');
    expect(wrong).to.include({ code: 'tool_failed', endsStep: false });
    expect(list).to.include({ code: 'tool_input_invalid', endsStep: false });
  });

  it('share one process between agents', async () => {
    const bench = setup({ math: stdioServer() });
    const chosen = await Promise.all([1, 2, 3].map(() => bench.select('mcp:math/process_id')));
    const pids = await Promise.all(chosen.map(async ([tool]) => outputOf(await bench.call(tool))));
    expect(new Set(pids).size).to.equal(1);
  });

  it('see nothing of the environment but what the configuration gives them', async () => {
    process.env['WORKER_SECRET_OF_TEST'] = 'do not tell';
    const server = stdioServer([], { env: { TOKEN: 'Bearer ${GIVEN}' } });
    const bench = setup({ math: server }, { env: { GIVEN: 'abc' } });
    const [tool] = await bench.select('mcp:math/environment');
    const seen = String(outputOf(await bench.call(tool)));
    delete process.env['WORKER_SECRET_OF_TEST'];
    expect(seen).to.contain('"TOKEN":"Bearer abc"');
    expect(seen).not.to.contain('do not tell');
  });

  it('need the variables that the configuration refers to', () => {
    const server = stdioServer([], { env: { TOKEN: '${MISSING_ONE}' } });
    expect(() => setup({ math: server })).to.throw(RangeError, /"math" needs the variable MISSING_ONE/);
  });

  it('answer long texts cut, and too long ones not at all', async () => {
    const bench = setup({ math: stdioServer() });
    const [huge] = await bench.select('mcp:math/huge');
    const long = outputOf(await bench.call(huge, { bytes: 500_000 }));
    const tooLong = failureOf(await bench.call(huge, { bytes: 3_000_000 }));
    const again = await bench.call(huge, { bytes: 10 });
    expect(long).to.include({ truncated: true, characters: 500_002 });
    expect(JSON.stringify(long).length).to.be.lessThan(33_000);
    expect(tooLong).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(tooLong.message).to.contain('more than 1048576 bytes');
    expect(outputOf(again)).to.equal('x'.repeat(10));
  });

  it('are given up after their time, and the server lives on', async () => {
    const bench = setup({ math: stdioServer([], { timeout_seconds: 3 }) });
    const [slow, echo] = await bench.select('mcp:math/slow', 'mcp:math/echo');
    const late = failureOf(await bench.call(slow, { ms: 60_000 }));
    const alive = await bench.call(echo, { text: 'here' });
    expect(late).to.include({ code: 'mcp_timeout', endsStep: false });
    expect(outputOf(alive)).to.equal('here');
    expect(bench.lines.filter(({ message }) => message.includes('ready'))).to.have.length(1);
  });

  it('stop when the step is cancelled', async () => {
    const bench = setup({ math: stdioServer() });
    const [slow] = await bench.select('mcp:math/slow');
    const cancel = new AbortController();
    const call = bench.call(slow, { ms: 60_000 }, cancel.signal);
    setImmediate(() => cancel.abort());
    expect(failureOf(await call)).to.include({ code: 'aborted', endsStep: false });
  });

  it('are listed again after the server says that they changed', async () => {
    const bench = setup({ math: stdioServer() });
    const [grow] = await bench.select('mcp:math/grow');
    await bench.call(grow, { name: 'brand_new' });
    const [grown] = await eventually(() => bench.select('mcp:math/brand_new'));
    expect(outputOf(await bench.call(grown))).to.equal('brand_new');
  });

  it('come back with a new process after the old one was killed', async () => {
    const bench = setup({ math: stdioServer() });
    const [tool] = await bench.select('mcp:math/process_id');
    const first = Number(outputOf(await bench.call(tool)));
    process.kill(first, 'SIGKILL');
    await eventually(() =>
      expect(bench.lines.some(({ message }) => message.includes('lost'))).to.equal(true),
    );
    const second = Number(outputOf(await bench.call(tool)));
    expect(second).not.to.equal(first);
    expect(isRunning(first)).to.equal(false);
  });

  it('fail the step where the process dies during the call', async () => {
    const bench = setup({ math: stdioServer() });
    const [pidTool, slow] = await bench.select('mcp:math/process_id', 'mcp:math/slow');
    const pid = Number(outputOf(await bench.call(pidTool)));
    const call = bench.call(slow, { ms: 60_000 });
    setImmediate(() => process.kill(pid, 'SIGKILL'));
    const error = failureOf(await call);
    expect(error).to.include({ code: 'mcp_unavailable', endsStep: true, retryable: true, fault: 'remote' });
    expect(error.message).to.contain('it ended with SIGKILL');
  });

  it('leave no process behind when the platform stops, helpers of the server neither', async () => {
    const bench = setup({ math: stdioServer(['--with-helper']) });
    const [tool] = await bench.select('mcp:math/process_id');
    const pid = Number(outputOf(await bench.call(tool)));
    const helper = await eventually(() => {
      const printed = JSON.stringify(bench.lines.map(({ fields }) => fields));
      const match = /helper (\d+)/.exec(printed);
      if (match === null) throw new Error('nothing printed');
      return Number(match[1]);
    });
    await bench.stop();
    await bench.stop();
    await expectGone(pid);
    await expectGone(helper);
    expect(failureOf(await bench.call(tool)).message).to.contain('this worker is stopping');
  });

  it('leave no process behind when nobody calls them, and come back when somebody does', async () => {
    const bench = setup({ math: stdioServer() }, { idleMs: 20 });
    const [tool] = await bench.select('mcp:math/process_id');
    const pid = Number(outputOf(await bench.call(tool)));
    await expectGone(pid);
    expect(outputOf(await bench.call(tool))).not.to.equal(String(pid));
  });

  it('say that a program cannot be started, and do not try again at once', async () => {
    const bench = setup({ none: stdioServer([], { command: '/nowhere/at-all' }) });
    const first = await bench.refusal('mcp:none');
    const second = await bench.refusal('mcp:none');
    expect(first).to.include({ code: 'mcp_unavailable', retryable: true });
    expect(first.message).to.contain('"none" cannot be used').and.to.contain('ENOENT');
    expect(second.message).to.equal(first.message);
    expect(bench.lines.filter(({ level }) => level === 'warn')).to.have.length(1);
  });

  it('say that a program ends before it speaks', async () => {
    const bench = setup({ short: stdioServer([], { args: ['-e', 'process.exit(3)'] }) });
    const error = await bench.refusal('mcp:short');
    expect(error.message).to.contain('"short" cannot be used: it ended with code 3');
  });

  it('of a server that is not configured are refused with what there is', async () => {
    const bench = setup({ math: stdioServer() });
    const error = await bench.refusal('mcp:maths');
    expect(error.message).to.equal('The operator has configured no MCP server "maths"; there are math');
  });
});
