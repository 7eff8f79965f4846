import { expect } from 'chai';
import { eventually } from '../../../../test/support/poll.js';
import { hostileServer } from '../../../../test/support/servers/mcp.js';
import { failureOf, outputOf, setup, stopAll } from './support.js';

const bench = (way: string, seconds = 20) => setup({ bad: hostileServer(way, { timeout_seconds: seconds }) });

describe('an MCP server that misbehaves', () => {
  afterEach(stopAll);

  it('by never answering is given up', async () => {
    const error = await bench('never_answers', 2).refusal('mcp:bad');
    expect(error).to.include({ code: 'mcp_unavailable', retryable: true });
    expect(error.message).to.contain('did not answer within 2 s');
  });

  it('by speaking garbage between its messages is understood all the same', async () => {
    const { select, call } = bench('garbage');
    const [tool] = await select('mcp:bad');
    expect(outputOf(await call(tool))).to.equal('ok');
  });

  it('by a line without an end is killed, and the model is told', async () => {
    const { select, call } = bench('endless_line');
    const [tool] = await select('mcp:bad');
    const error = failureOf(await call(tool));
    expect(error).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(error.message).to.contain('more than 1048576 bytes');
  });

  it('by messages without an end is killed, and the model is told', async () => {
    const { select, call } = bench('endless_messages');
    const [tool] = await select('mcp:bad');
    const error = failureOf(await call(tool));
    expect(error).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(error.message).to.contain('without an answer');
  });

  it('by falling silent is restarted after the call', async () => {
    const { select, call } = bench('mute', 2);
    const [tool] = await select('mcp:bad');
    const error = failureOf(await call(tool));
    expect(error).to.include({ code: 'mcp_unavailable', endsStep: true, retryable: true });
  });

  it('by not answering one call loses only that', async () => {
    const { select, call } = bench('silent_call', 2);
    const [tool] = await select('mcp:bad');
    expect(failureOf(await call(tool))).to.include({ code: 'mcp_timeout', endsStep: false });
  });

  it('by a result that is none is an observation', async () => {
    const { select, call } = bench('bad_result');
    const [tool] = await select('mcp:bad');
    const error = failureOf(await call(tool));
    expect(error).to.include({ code: 'mcp_invalid_response', endsStep: false });
    expect(error.message.length).to.be.lessThan(1_200);
  });

  it('by a list that is none is refused', async () => {
    const error = await bench('bad_list').refusal('mcp:bad');
    expect(error).to.include({ code: 'mcp_invalid_response', retryable: false });
  });

  it('by a list without an end is refused', async () => {
    const error = await bench('endless_pages').refusal('mcp:bad');
    expect(error).to.include({ code: 'mcp_invalid_response' });
  });

  it('by thousands of tools has to be asked for single ones', async () => {
    const { refusal, select } = setup({
      bad: hostileServer('many_tools'),
      worse: hostileServer('many_tools', { tools: ['tool_4000'] }),
    });
    const tools = await select('mcp:bad');
    const error = await refusal('mcp:bad', 'http');
    const [late] = await select('mcp:worse');
    expect(tools).to.have.length(128);
    expect(error).to.include({ code: 'tool_unknown' });
    expect(error.message).to.contain('129 tools are more than the 128');
    expect(late?.name).to.equal('worse__tool_4000');
  });

  it('by a huge schema loses that tool, with the reason', async () => {
    const { select, refusal, lines } = bench('huge_schema');
    const tools = await select('mcp:bad');
    const error = await refusal('mcp:bad/big');
    expect(tools.map(({ name }) => name)).to.deep.equal(['bad__small']);
    expect(error).to.include({ code: 'tool_unavailable' });
    expect(error.message).to.contain('input schema is longer than');
    expect(lines.filter(({ level }) => level === 'warn')).to.have.length(1);
  });

  it('by a schema of many levels loses what is below the limit', async () => {
    const [tool] = await bench('nested_schema').select('mcp:bad');
    expect(JSON.stringify(tool?.inputSchema).length).to.be.within(500, 1_500);
  });

  it('by a schema without a bottom is refused', async () => {
    const error = await bench('deep_schema').refusal('mcp:bad');
    expect(error).to.include({ code: 'mcp_invalid_response' });
    expect(error.message).to.contain('nested too deeply');
  });

  it('by odd names gets names that a model may say, each once', async () => {
    const { select, call } = bench('odd_names');
    const tools = await select('mcp:bad');
    const names = tools.map(({ name }) => name);
    const outcomes = await Promise.all(tools.map((tool) => call(tool)));
    expect(names.every((name) => /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name))).to.equal(true);
    expect(new Set(names).size).to.equal(4);
    expect(names).to.include.members(['bad____proto__', 'bad__constructor', 'bad__read_file']);
    expect(outcomes.map(outputOf)).to.deep.equal(['ok', 'ok', 'ok', 'ok']);
  });

  it('by long and invisible descriptions has them cut and cleaned', async () => {
    const tools = await bench('odd_names').select('mcp:bad');
    const description = tools.find(({ name }) => name === 'bad__read_file')?.description ?? '';
    expect(description.startsWith('Hiddd')).to.equal(true);
    expect(description.length).to.be.at.most(2_000);
  });

  it('by keys that mean something to objects changes none', async () => {
    const { select, call } = bench('prototype_keys');
    const [tool] = await select('mcp:bad');
    const output = outputOf(await call(tool));
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
    expect(JSON.stringify(tool?.inputSchema)).not.to.contain('__proto__');
    expect(output).to.deep.equal({ kept: 1 });
  });

  it('by flooding its log has most of it left out', async () => {
    const { select, lines } = bench('log_flood');
    await select('mcp:bad');
    await eventually(() => expect(JSON.stringify(lines)).to.contain('more lines'));
    expect(lines.length).to.be.lessThan(500);
    expect(JSON.stringify(lines[0]?.fields).length).to.be.lessThan(1_200);
  });

  it('by dying in every call fails the step, never the platform', async () => {
    const { select, call } = bench('dies');
    const [tool] = await select('mcp:bad');
    const first = failureOf(await call(tool));
    const second = failureOf(await call(tool));
    expect(
      [first.message, second.message].every((message) => message.includes('ended with code 7')),
    ).to.equal(true);
  });

  it('by ignoring the end of its input and SIGTERM is killed when the platform stops', async () => {
    const { select, stop, lines } = bench('stubborn');
    await select('mcp:bad');
    await stop();
    expect(lines.filter(({ level }) => level === 'warn')).to.have.length(0);
  });

  it('while it starts does not hold up a stop', async () => {
    const { refusal, stop } = bench('never_answers', 3_600);
    const refused = refusal('mcp:bad');
    await stop();
    expect((await refused).code).to.equal('mcp_unavailable');
  });
});
