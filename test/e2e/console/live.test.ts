import type { DefinitionInput, JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import * as z from 'zod';
import { eventually } from '../../support/poll.js';
import {
  cardOf,
  expectExecution,
  expectStep,
  inspectorOf,
  openTab,
  reached,
  timelineOf,
} from './support/execution.js';
import { consolePlatform, type ConsolePlatform } from './support/platform.js';
import { startHeldServer, type HeldServer } from './support/server.js';
import { holdSocket, type HeldSocket } from './support/socket.js';
import { useWindows } from './support/windows.js';

interface NodeInput {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
}

describe('an execution as it happens', function () {
  this.timeout(120_000);
  let platform: ConsolePlatform;
  let server: HeldServer;
  const window = useWindows({ as: 'admin', prepare: (page) => page.setDefaultTimeout(30_000) });

  before(async function () {
    this.timeout(240_000);
    [platform, server] = await Promise.all([consolePlatform(), startHeldServer()]);
  });
  after(() => server.receiver.stop());

  async function open(path: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
    return (await window(path, prepare && { prepare })).page;
  }

  /** `gate` waits for the event of this name, `work` for the server at the path of this name. */
  const inStages = (name: string): DefinitionInput => ({
    name: `Stages ${name}`,
    nodes: [
      { id: 'prepare', type: 'set', data: { config: { values: { text: 'ready' } } } },
      { id: 'gate', type: 'wait_for_event', data: { config: { name } } },
      { id: 'work', type: 'http_request', data: { config: { url: server.hold(`/${name}`) } } },
      { id: 'report', type: 'set', data: { config: { values: { done: '=steps.work.output.body.done' } } } },
    ],
    edges: [
      { source: 'prepare', target: 'gate' },
      { source: 'gate', target: 'work' },
      { source: 'work', target: 'report' },
    ],
  });

  async function followStages(page: Page, name: string): Promise<void> {
    await page.evaluate('window.wasNeverReloaded = true');
    await expectStep(page, 'prepare', 'Completed');
    await expectStep(page, 'report', 'Pending');
    await expectStep(page, 'gate', 'Waiting');
    await expectExecution(page, 'Waiting');
    await platform.api.admin.events.send({ name });

    await inspectorOf(page, 'gate').getByText('Completed').waitFor();
    await expectStep(page, 'gate', 'Completed');
    await expectStep(page, 'work', 'Running');
    await expectExecution(page, 'Running');
    server.release(`/${name}`);

    await inspectorOf(page, 'work').getByText('Completed').waitFor();
    await expectStep(page, 'work', 'Completed');
    await expectStep(page, 'report', 'Completed');
    await expectExecution(page, 'Completed');
    await inspectorOf(page, 'report').getByText('done: true').waitFor();
    expect(await page.evaluate('window.wasNeverReloaded')).to.equal(true);
  }

  describe('shows every change of a step on canvas, timeline and inspector without a reload', () => {
    it('when it was started on the page of the workflow', async () => {
      const workflow = await platform.api.admin.workflows.create(inStages('started-there'));
      const page = await open(`/workflows/${workflow.id}`);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('link', { name: 'Open the execution' }).click();

      await followStages(page, 'started-there');
    });

    it('when it was started by the API', async () => {
      const workflow = await platform.api.admin.workflows.create(inStages('started-by-api'));
      const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
      const page = await open(`/executions/${id}`);

      await followStages(page, 'started-by-api');
    });
  });

  it('counts down to the next attempt of a step that failed, and shows that attempt', async () => {
    server.receiver.answer('/flaky', (response, calls) => {
      response.writeHead(calls === 1 ? 503 : 200, { 'content-type': 'application/json' }).end('{}');
    });
    const workflow = await platform.api.admin.workflows.create({
      name: 'Flaky',
      nodes: [
        { id: 'gate', type: 'wait_for_event', data: { config: { name: 'flaky' } } },
        {
          id: 'call',
          type: 'http_request',
          data: {
            config: { url: `${server.receiver.url}/flaky` },
            retry: { max_attempts: 3, delay_seconds: 6, backoff: 'fixed', jitter: 0 },
          },
        },
      ],
      edges: [{ source: 'gate', target: 'call' }],
    });
    const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
    const page = await open(`/executions/${id}`);
    await expectStep(page, 'gate', 'Waiting');
    await platform.api.admin.events.send({ name: 'flaky' });
    await expectStep(page, 'call', 'Retrying');
    const timer = inspectorOf(page, 'call').getByRole('timer');
    const shown = new Set<string>();
    await eventually(
      async () => {
        shown.add(await timer.innerText());
        expect(shown.size, [...shown].join(', ')).to.be.at.least(3);
      },
      { timeoutMs: 8_000 },
    );
    await timelineOf(page)
      .getByText(/^next retry in 00:0\d$/)
      .waitFor();
    await cardOf(page, 'call')
      .getByText(/in \d s · 1\/3/)
      .waitFor();

    await expectStep(page, 'call', 'Completed');
    // The clock of the page goes by whole seconds, so that the first one may be one too many.
    expect([...shown].every((words) => /^Next retry in 00:0[0-7]$/.test(words))).to.equal(true);
    await cardOf(page, 'call')
      .getByText(/· 2\/3/)
      .waitFor();
    await openTab(page, 'Attempts (2)');
    await inspectorOf(page, 'call').getByText('Attempt 2').waitFor();
    await inspectorOf(page, 'call')
      .getByText(/^Retried after [56](\.\d)? s$/)
      .waitFor();
  });

  /** The banner of the page; there is none while the stream is whole. */
  const banner = (page: Page): Locator => page.getByRole('status', { name: 'Connection' });

  /** What the page shows of every step at its top level, and what the platform knows. */
  async function expectSameSteps(page: Page, id: string): Promise<void> {
    for (const { step_id: step, status } of await platform.api.admin.executions.steps(id))
      await expectStep(page, step, `${status.charAt(0).toUpperCase()}${status.slice(1)}`);
  }

  describe('whose socket is lost', () => {
    it('says so and stands still, and goes on where it was when the socket is back', async () => {
      const workflow = await platform.api.admin.workflows.create(inStages('cut'));
      const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
      const { page, socket } = await openHeld(`/executions/${id}`);
      await expectStep(page, 'gate', 'Waiting');
      await socket.cut();
      await banner(page)
        .getByText(/^Live updates paused · reconnecting.* · data as of \d\d:\d\d:\d\d/)
        .waitFor();
      await platform.api.admin.events.send({ name: 'cut' });
      await eventually(() => expect(server.receiver.at('/cut')).to.have.length(1));
      socket.restore();
      await banner(page).waitFor({ state: 'detached' });
      await expectStep(page, 'work', 'Running');
      server.release('/cut');
      await expectExecution(page, 'Completed');

      await expectSameSteps(page, id);
    });

    it('asks the platform instead when the socket stays away', async () => {
      const workflow = await platform.api.admin.workflows.create(inStages('away'));
      const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
      const { page, socket } = await openHeld(`/executions/${id}`);
      await expectStep(page, 'gate', 'Waiting');
      await socket.cut();
      await banner(page)
        .getByText(/reconnecting, and asking every 5 s meanwhile/)
        .waitFor();
      await platform.api.admin.events.send({ name: 'away' });
      server.release('/away');
      await expectExecution(page, 'Completed');

      await expectSameSteps(page, id);
      await banner(page).waitFor({ state: 'detached' });
    });

    async function openHeld(path: string): Promise<{ page: Page; socket: HeldSocket }> {
      let socket: HeldSocket | undefined;
      const page = await open(path, async (empty) => {
        socket = await holdSocket(empty);
      });
      if (socket === undefined) throw new Error('the socket is not held');
      return { page, socket };
    }

    it('misses no line of a log and shows none twice', async () => {
      const { id, start } = await talkative('talk-cut', 100);
      const { page, socket } = await openHeld(`/executions/${id}?step=talk&tab=logs`);
      await inspectorOf(page, 'talk').getByText('This step logged nothing.').waitFor();
      await start();
      await page.getByRole('log').getByText(`line 1 of ${id}`).waitFor();
      await socket.cut();
      const seen = (await platform.api.admin.executions.logs(id, { limit: 200 })).items.length;
      await eventually(
        async () => {
          const { items } = await platform.api.admin.executions.logs(id, { limit: 200 });
          expect(items.length).to.be.at.least(Math.min(100, seen + 10));
        },
        { timeoutMs: 40_000 },
      );
      socket.restore();
      await expectExecution(page, 'Completed');

      const { items } = await platform.api.admin.executions.logs(id, { limit: 200 });
      expect(items).to.have.length(100);
      const wanted = items.map(({ message }) => message);
      await eventually(
        async () => {
          await inspectorOf(page, 'talk').getByRole('button', { name: 'Copy the shown lines' }).click();
          const copied = z.string().parse(await page.evaluate('navigator.clipboard.readText()'));
          expect(copied.split('\n').map((line) => line.split(' ').slice(2).join(' '))).to.deep.equal(wanted);
        },
        { timeoutMs: 15_000 },
      );
    });

    it('does not run the words of a model together over what was missed, and has all of them at the end', async () => {
      const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
      await platform.llm.script({
        ...{ when: { model: 'slow-speaker' }, json: { words }, chunk_size: 12, chunk_delay_ms: 300 },
      });
      const { id, start } = await speaking('speak-cut', 'openai-compatible/slow-speaker', {
        output_schema: WORDS,
      });
      const { page, socket } = await openHeld(`/executions/${id}?step=ask&tab=agent`);
      await inspectorOf(page, 'ask').waitFor();
      await start();
      await inspectorOf(page, 'ask')
        .getByText(/word0 word1/)
        .waitFor();
      await socket.cut();
      await banner(page).waitFor();
      socket.restore();
      await inspectorOf(page, 'ask')
        .getByText(/What it may have said before was not heard/)
        .waitFor();
      await expectExecution(page, 'Completed');

      await inspectorOf(page, 'ask').getByText(JSON.stringify({ words }), { exact: true }).waitFor();
      expect(
        await inspectorOf(page, 'ask')
          .getByText(/word59/)
          .count(),
      ).to.equal(1);
    });
  });

  const WORDS = { type: 'object', required: ['words'], properties: { words: { type: 'string' } } };

  /** An execution whose step `talk` logs so many lines once it is started. */
  async function talkative(name: string, lines: number): Promise<Startable> {
    // Some work between the lines, so that they do not come all at once.
    const source = `
      for (let line = 1; line <= ${lines}; line += 1) {
        console.log('line ' + line + ' of ' + context.execution.id);
        for (let at = 0, sum = 0; at < 20000; at += 1) sum += at;
      }
      return 'written';`;
    return gated(name, { id: 'talk', type: 'code', data: { config: { source, timeout_seconds: 60 } } });
  }

  const speaking = (name: string, model: string, more: JsonObject = {}): Promise<Startable> =>
    gated(name, {
      id: 'ask',
      type: 'agent',
      data: {
        agent_type: 'planning',
        config: { model, ...more },
        input: { objective: 'Write a letter, then send it' },
      },
    });

  interface Startable {
    readonly id: string;
    start(): Promise<unknown>;
  }

  async function gated(name: string, node: NodeInput): Promise<Startable> {
    const workflow = await platform.api.admin.workflows.create({
      name: `Gated ${name}`,
      nodes: [{ id: 'gate', type: 'wait_for_event', data: { config: { name } } }, node],
      edges: [{ source: 'gate', target: node.id }],
    });
    const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
    await reached(id, 'waiting');
    return { id, start: () => platform.api.admin.events.send({ name }) };
  }

  describe('tells while a step runs', () => {
    it('what its code logs', async () => {
      const { id, start } = await talkative('talk', 40);
      const page = await open(`/executions/${id}?step=talk&tab=logs`);
      await inspectorOf(page, 'talk').getByText('This step logged nothing.').waitFor();
      await start();

      await page.getByRole('log').getByText(`line 1 of ${id}`).waitFor();
      await page.getByRole('log').getByText(`line 40 of ${id}`).waitFor();
      await expectStep(page, 'talk', 'Completed');
    });

    it('what its model says, and afterwards what it recorded', async () => {
      await platform.llm.script({
        ...{ when: { model: 'speaker' }, json: { words: 'first second third fourth fifth' } },
        ...{ chunk_size: 8, chunk_delay_ms: 400 },
      });
      const { id, start } = await speaking('speak', 'openai-compatible/speaker', {
        output_schema: WORDS,
      });
      const page = await open(`/executions/${id}?step=ask&tab=agent`);
      await inspectorOf(page, 'ask').waitFor();
      await start();
      await inspectorOf(page, 'ask').getByText('What the model says').waitFor();
      await inspectorOf(page, 'ask')
        .getByText(/first second/)
        .waitFor();
      await expectStep(page, 'ask', 'Completed');

      await inspectorOf(page, 'ask').getByText('{"words":"first second third fourth fifth"}').waitFor();
      await page.reload();
      await inspectorOf(page, 'ask').getByText('{"words":"first second third fourth fifth"}').waitFor();
    });

    it('how an agent without a model reasoned', async () => {
      const { id, start } = await speaking('reason', 'offline', { reasoning_pattern: 'chain_of_thought' });
      const page = await open(`/executions/${id}?step=ask&tab=agent`);
      await inspectorOf(page, 'ask').waitFor();
      await start();

      await inspectorOf(page, 'ask').getByText('Reasoning · chain of thought').waitFor();
      await inspectorOf(page, 'ask').getByText('offline', { exact: true }).waitFor();
    });
  });
});
