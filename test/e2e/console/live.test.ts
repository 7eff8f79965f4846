import type { DefinitionInput } from '@millrace/contracts';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { eventually } from '../../support/poll.js';
import { visit, type Visit } from './support/browser.js';
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

describe('an execution as it happens', function () {
  this.timeout(120_000);
  let platform: ConsolePlatform;
  let server: HeldServer;
  let windows: Visit[] = [];

  before(async function () {
    this.timeout(240_000);
    [platform, server] = await Promise.all([consolePlatform(), startHeldServer()]);
  });
  after(() => server.receiver.stop());
  afterEach(async () => {
    const open = windows;
    windows = [];
    for (const one of open) await one.close();
  });

  async function open(path: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const window = await visit({ as: 'admin' });
    windows.push(window);
    window.page.setDefaultTimeout(30_000);
    await prepare?.(window.page);
    await window.page.goto(path);
    return window.page;
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
    expect([...shown].every((words) => /^Next retry in 00:0[0-6]$/.test(words))).to.equal(true);
    await cardOf(page, 'call')
      .getByText(/· 2\/3/)
      .waitFor();
    await openTab(page, 'Attempts (2)');
    await inspectorOf(page, 'call').getByText('Attempt 2').waitFor();
    await inspectorOf(page, 'call')
      .getByText(/^Retried after [56](\.\d)? s$/)
      .waitFor();
  });

  describe('that writes to its log', () => {
    // Some work between the lines, so that they do not come all at once.
    const SOURCE = `
      for (let line = 1; line <= 40; line += 1) {
        console.log('line ' + line + ' of ' + context.execution.id);
        for (let at = 0, sum = 0; at < 20000; at += 1) sum += at;
      }
      return 'written';`;

    it('shows the lines of a code step while it runs', async () => {
      const workflow = await platform.api.admin.workflows.create({
        name: 'Talkative',
        nodes: [
          { id: 'gate', type: 'wait_for_event', data: { config: { name: 'talk' } } },
          { id: 'talk', type: 'code', data: { config: { source: SOURCE, timeout_seconds: 60 } } },
        ],
        edges: [{ source: 'gate', target: 'talk' }],
      });
      const { execution_id: id } = await platform.api.admin.workflows.execute(workflow.id);
      const page = await open(`/executions/${id}?step=talk&tab=logs`);
      await reached(id, 'waiting');
      await inspectorOf(page, 'talk').getByText('This step logged nothing.').waitFor();
      await platform.api.admin.events.send({ name: 'talk' });

      await page.getByRole('log').getByText(`line 1 of ${id}`).waitFor();
      await page.getByRole('log').getByText(`line 40 of ${id}`).waitFor();
      await expectStep(page, 'talk', 'Completed');
    });
  });
});
