import { randomUUID } from 'node:crypto';
import type { DefinitionInput, Scope } from '@millrace/contracts';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import type { Credentials } from './support/browser.js';
import {
  expectExecution,
  expectStep,
  hasEnded,
  inspectorOf,
  openTab,
  reached,
  rowOf,
  timelineOf,
} from './support/execution.js';
import { consolePlatform, type ConsolePlatform } from './support/platform.js';
import { startHeldServer, type HeldServer } from './support/server.js';
import { useWindows } from './support/windows.js';

describe('steering an execution on its page', function () {
  this.timeout(120_000);
  let platform: ConsolePlatform;
  let server: HeldServer;
  const window = useWindows({ as: 'admin', prepare: (page) => page.setDefaultTimeout(30_000) });

  before(async function () {
    this.timeout(240_000);
    [platform, server] = await Promise.all([consolePlatform(), startHeldServer()]);
  });
  after(() => server.receiver.stop());

  async function open(path: string, as: 'admin' | Credentials = 'admin'): Promise<Page> {
    return (await window(path, { as })).page;
  }

  async function start(definition: DefinitionInput, parameters = {}): Promise<string> {
    const { id } = await platform.api.admin.workflows.create(definition);
    return (await platform.api.admin.workflows.execute(id, parameters)).execution_id;
  }
  const waiting = (name: string): DefinitionInput => ({
    name: `Waiting ${name}`,
    nodes: [
      { id: 'gate', type: 'wait_for_event', data: { config: { name } } },
      { id: 'after', type: 'set', data: { config: { values: { got: '=steps.gate.output' } } } },
    ],
    edges: [{ source: 'gate', target: 'after' }],
  });
  const DOUBLING: DefinitionInput = {
    name: 'Doubling',
    nodes: [
      { id: 'load', type: 'set', data: { config: { values: { n: '=parameters.n' } } } },
      { id: 'double', type: 'transform', data: { config: { expression: '{ "twice": input.load.n * 2 }' } } },
    ],
    edges: [{ source: 'load', target: 'double' }],
  };

  const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
  async function chooseOfStep(page: Page, step: string, item: string | RegExp): Promise<void> {
    await inspectorOf(page, step).getByRole('button', { name: 'Actions of the step' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  }
  async function write(page: Page, editor: Locator, text: string): Promise<void> {
    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(text);
  }
  const idIn = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1) ?? '';
  async function anotherThan(page: Page, id: string): Promise<string> {
    await page.waitForURL((url) => url.pathname.includes('/executions/exec_') && !url.pathname.includes(id));
    return idIn(page);
  }

  it('cancels it, with the reason in its log', async () => {
    const id = await start(waiting('cancel'));
    const page = await open(`/executions/${id}`);
    await expectExecution(page, 'Waiting');
    await button(page, 'Cancel').click();
    const dialog = page.getByRole('alertdialog', { name: 'Cancel this execution?' });
    await dialog.getByLabel('Reason').fill('Ordered twice');
    await dialog.getByRole('button', { name: 'Cancel the execution' }).click();
    await expectExecution(page, 'Cancelled');
    await expectStep(page, 'gate', 'Cancelled');

    const events = await platform.api.admin.executions.events(id);
    expect(events.at(-1)?.data).to.deep.include({ by: 'admin', reason: 'Ordered twice' });
  });

  it('pauses it and lets it go on', async () => {
    const id = await start(waiting('pause'));
    const page = await open(`/executions/${id}`);
    await expectExecution(page, 'Waiting');
    await button(page, 'Pause').click();
    await expectExecution(page, 'Paused');
    await page.getByText('by admin', { exact: true }).waitFor();
    await button(page, 'Resume').click();
    await expectExecution(page, 'Waiting');
    await platform.api.admin.events.send({ name: 'pause', payload: { n: 1 } });

    await expectExecution(page, 'Completed');
  });

  it('retries it from the step that failed, and keeps what was done', async () => {
    server.receiver.answer('/order', (response, calls) => {
      response.writeHead(calls === 1 ? 400 : 200, { 'content-type': 'application/json' }).end('{}');
    });
    const id = await start({
      name: 'Order',
      nodes: [
        { id: 'prepare', type: 'set', data: { config: { values: { n: 1 } } } },
        { id: 'order', type: 'http_request', data: { config: { url: `${server.receiver.url}/order` } } },
      ],
      edges: [{ source: 'prepare', target: 'order' }],
    });
    const page = await open(`/executions/${id}`);
    await expectExecution(page, 'Failed');
    await page.getByRole('link', { name: 'Go to the step that failed' }).click();
    await inspectorOf(page, 'order').getByText('http_status').first().waitFor();
    await button(page, 'Retry').click();
    const next = await anotherThan(page, id);
    await expectExecution(page, 'Completed');

    await timelineOf(page).getByText('reused').waitFor();
    await expectStep(page, 'prepare', 'Completed');
    await inspectorOf(page, 'prepare').getByRole('link', { name: 'an earlier execution' }).waitFor();
    expect((await platform.api.admin.executions.get(next)).retry_of).to.equal(id);
  });

  it('reruns it from a step with another input, and compares both', async () => {
    const id = await start(DOUBLING, { n: 4 });
    await hasEnded(id);
    const page = await open(`/executions/${id}?step=double`);
    await inspectorOf(page, 'double').getByText('twice: 8').waitFor();
    await chooseOfStep(page, 'double', 'Rerun from here …');
    const dialog = page.getByRole('dialog', { name: 'Rerun from “double”' });
    await dialog.getByRole('switch', { name: 'Edit its input' }).click();
    await write(page, dialog.getByRole('textbox', { name: 'Input', exact: true }), '{"load": {"n": 21}}');
    await dialog.getByRole('button', { name: 'Run again' }).click();
    const next = await anotherThan(page, id);
    await expectExecution(page, 'Completed');
    await expectStep(page, 'double', 'Completed');
    await inspectorOf(page, 'double').getByText('twice: 42').waitFor();
    await button(page, 'More actions').click();
    await page.getByRole('menuitem', { name: 'Compare with the one before' }).click();

    await page.getByRole('heading', { name: 'Compare executions' }).waitFor();
    expect(new URL(page.url()).search).to.equal(`?a=${id}&b=${next}`);
    await page.getByRole('button', { name: 'Show the difference of double' }).click();
    const [before, after] = [page.getByRole('deletion').first(), page.getByRole('insertion').first()];
    expect([await before.innerText(), await after.innerText()]).to.deep.equal(['8', '42']);
    await page.getByRole('button', { name: 'Swap' }).click();
    await page.waitForURL((url) => url.search === `?a=${next}&b=${id}`);
  });

  it('skips a step that waits, with an output in its place', async () => {
    const id = await start(waiting('skip'));
    const page = await open(`/executions/${id}`);
    await expectStep(page, 'gate', 'Waiting');
    await chooseOfStep(page, 'gate', 'Skip …');
    const dialog = page.getByRole('alertdialog', { name: 'Skip “gate”?' });
    await write(
      page,
      dialog.getByRole('textbox', { name: 'Output instead of the step’s' }),
      '{"by": "hand"}',
    );
    await dialog.getByRole('button', { name: 'Skip the step' }).click();
    await expectStep(page, 'gate', 'Skipped');
    await inspectorOf(page, 'gate').getByText('somebody skipped it').waitFor();
    await expectExecution(page, 'Completed');

    await expectStep(page, 'after', 'Completed');
    await inspectorOf(page, 'after').getByText('by: "hand"').waitFor();
  });

  for (const [choice, decision] of [
    ['Approve', 'approved'],
    ['Reject', 'rejected'],
  ] as const) {
    it(`${choice.toLowerCase()}s what a step asks`, async () => {
      const id = await start({
        name: `To be ${decision}`,
        nodes: [{ id: 'ask', type: 'approval', data: { config: { message: 'Ship it?' } } }],
      });
      const page = await open(`/executions/${id}`);
      await expectStep(page, 'ask', 'Waiting');
      const inspector = inspectorOf(page, 'ask');
      await inspector.getByText('Ship it?').waitFor();
      await inspector.getByLabel('Comment').fill('Numbers checked');
      await inspector.getByRole('button', { name: choice }).click();
      await hasEnded(id);

      const [ask] = await platform.api.admin.executions.steps(id);
      expect(JSON.stringify([ask?.output, ask?.error])).to.include('Numbers checked');
      await rowOf(page, 'ask').waitFor();
      await inspector.getByRole('button', { name: choice }).waitFor({ state: 'detached' });
      expect((await platform.api.admin.approvals.list({ execution: id })).items[0]?.status).to.equal(
        decision,
      );
    });
  }

  it('a link shows somebody else the same step and tab', async () => {
    const id = await start(DOUBLING, { n: 3 });
    await hasEnded(id);
    const page = await open(`/executions/${id}`);
    await expectStep(page, 'load', 'Completed');
    await openTab(page, 'Configuration');
    await inspectorOf(page, 'load').getByRole('heading', { name: 'Configuration, filled in' }).waitFor();
    await inspectorOf(page, 'load').getByText('n: 3').waitFor();
    await button(page, 'More actions').click();
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    await page.getByText('The link is on the clipboard').first().waitFor();
    const link = String(await page.evaluate('navigator.clipboard.readText()'));

    const other = await open(link);
    await inspectorOf(other, 'load').getByRole('heading', { name: 'Configuration, filled in' }).waitFor();
    expect(await other.getByRole('tab', { name: 'Configuration' }).getAttribute('aria-selected')).to.equal(
      'true',
    );
  });

  it('is not for those who may only look, and says so', async () => {
    const viewer = { username: `viewer-${randomUUID().slice(0, 8)}`, password: 'viewer-of-the-tests-1' };
    const all: Scope[] = ['workflow:read', 'workflow:write', 'workflow:execute'];
    await platform.api.admin.users.create({ ...viewer, scopes: all });
    const own = platform.apiOf(viewer.username, viewer.password);
    const workflow = await own.workflows.create({
      name: 'To look at',
      nodes: [{ id: 'ask', type: 'approval', data: { config: { message: 'Ship it?' } } }],
    });
    const { execution_id: id } = await own.workflows.execute(workflow.id);
    await reached(id, 'waiting');
    await platform.api.admin.users.update(viewer.username, { scopes: ['workflow:read'] });
    const page = await open(`/executions/${id}?step=ask`, viewer);

    for (const name of ['Pause', 'Cancel', 'Approve', 'Reject']) {
      const control = button(page, name);
      await control.waitFor();
      expect(await control.getAttribute('aria-disabled'), name).to.equal('true');
      await control.focus();
      await page.getByRole('tooltip', { name: /workflow:execute/ }).waitFor();
    }
    await inspectorOf(page, 'ask').getByRole('button', { name: 'Actions of the step' }).click();
    const skip = page.getByRole('menuitem', { name: /^Skip …/ });
    await skip.getByText(/workflow:execute/).waitFor();
    expect(await skip.getAttribute('aria-disabled')).to.equal('true');
    await platform.api.admin.executions.cancel(id);
  });
});
