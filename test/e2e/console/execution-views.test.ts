import type { DefinitionInput } from '@millrace/contracts';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { expectAccessible } from './support/accessible.js';
import type { ContextOptions } from './support/browser.js';
import { expectExecution, expectStep, hasEnded, inspectorOf, openTab, reached } from './support/execution.js';
import { consolePlatform, type ConsolePlatform } from './support/platform.js';
import { useWindows } from './support/windows.js';

/** Waits for a person; what comes behind has been given something to say in every tab. */
const RELEASE: DefinitionInput = {
  name: 'Release',
  nodes: [
    {
      id: 'build',
      type: 'code',
      data: {
        config: { source: "console.log('built'); console.warn('one warning'); return { tag: 'v1' };" },
      },
    },
    {
      id: 'plan',
      type: 'agent',
      data: {
        agent_type: 'planning',
        config: { reasoning_pattern: 'chain_of_thought' },
        input: { objective: 'Ship {{ steps.build.output.tag }}, then tell everybody' },
      },
    },
    { id: 'ask', type: 'approval', data: { config: { message: 'Ship {{ steps.build.output.tag }}?' } } },
    {
      id: 'tell',
      type: 'map',
      data: {
        config: {
          items: ['ann', 'bob'],
          body: {
            nodes: [{ id: 'mail', type: 'set', data: { config: { values: { to: '=item' } } } }],
            edges: [],
          },
        },
      },
    },
  ],
  edges: [
    { source: 'build', target: 'plan' },
    { source: 'plan', target: 'ask' },
    { source: 'ask', target: 'tell' },
  ],
};
const BROKEN: DefinitionInput = {
  name: 'Broken',
  nodes: [
    { id: 'load', type: 'set', data: { config: { values: { n: 1 } } } },
    { id: 'sum', type: 'transform', data: { config: { expression: 'input.load.n + "one"' } } },
    { id: 'after', type: 'set', data: { config: { values: { n: 2 } } } },
  ],
  edges: [
    { source: 'load', target: 'sum' },
    { source: 'sum', target: 'after' },
  ],
};

describe('the execution page for everybody and everywhere', function () {
  this.timeout(120_000);
  let platform: ConsolePlatform;
  const window = useWindows({ as: 'admin', prepare: (page) => page.setDefaultTimeout(30_000) });
  let waitingId: string;
  let failedIds: readonly string[];

  before(async function () {
    this.timeout(240_000);
    platform = await consolePlatform();
    waitingId = await start(RELEASE);
    failedIds = [await start(BROKEN), await start(BROKEN)];
    await reached(waitingId, 'waiting');
    for (const id of failedIds) await hasEnded(id);
  });
  after(() => platform.api.admin.executions.cancel(waitingId));

  async function start(definition: DefinitionInput): Promise<string> {
    const { id } = await platform.api.admin.workflows.create(definition);
    return (await platform.api.admin.workflows.execute(id)).execution_id;
  }
  async function open(path: string, options: ContextOptions): Promise<Page> {
    return (await window(path, options)).page;
  }
  /** Nothing of the page is beyond its right edge. */
  async function expectNoSideways(page: Page): Promise<void> {
    const widths: unknown = await page.evaluate(
      '[document.documentElement, document.getElementById("content")].map((one) => one.scrollWidth - one.clientWidth)',
    );
    expect(widths, 'pixels beyond the edge').to.deep.equal([0, 0]);
  }

  for (const theme of ['light', 'dark'] as const) {
    it(`has nothing that axe finds serious, whatever is open, in the ${theme} theme`, async () => {
      const page = await open(`/executions/${waitingId}`, { theme });
      await expectExecution(page, 'Waiting');
      await expectStep(page, 'ask', 'Waiting');
      await inspectorOf(page, 'ask').getByRole('button', { name: 'Approve' }).waitFor();
      await expectAccessible(page, `an approval, ${theme}`);
      await expectStep(page, 'plan', 'Completed');
      for (const tab of ['Output', 'Input', 'Agent', 'Logs', 'Attempts', 'Configuration']) {
        await openTab(page, tab);
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        await expectAccessible(page, `the tab ${tab}, ${theme}`);
      }
      await page.getByRole('button', { name: 'Close the step' }).click();
      await page.getByRole('region', { name: 'The execution' }).waitFor();
      await expectAccessible(page, `the execution, ${theme}`);
    });

    it(`has none where it failed, nor in a comparison, in the ${theme} theme`, async () => {
      const [a = '', b = ''] = failedIds;
      const page = await open(`/executions/${a}`, { theme });
      await page.getByRole('link', { name: 'Go to the step that failed' }).click();
      await expectStep(page, 'sum', 'Failed');
      await expectAccessible(page, `a failed step, ${theme}`);
      await page.goto(`/executions/compare?a=${a}&b=${b}`);
      await page.getByRole('button', { name: 'Show the difference of load' }).click();
      await expectAccessible(page, `a comparison, ${theme}`);
    });
  }

  it('opens and closes everything in the timeline by E and W', async () => {
    const id = await start({ ...RELEASE, nodes: RELEASE.nodes?.slice(3) ?? [], edges: [] });
    const page = await open(`/executions/${id}`, {});
    await expectExecution(page, 'Completed');
    const mails = page.getByRole('region', { name: 'Timeline' }).getByRole('button', { name: /^mail, / });
    await page.keyboard.press('e');
    await mails.nth(1).waitFor();
    await page.keyboard.press('w');
    await mails.first().waitFor({ state: 'detached' });
    await page.keyboard.press('e');
    await mails.nth(1).click();

    const inspector = inspectorOf(page, 'mail');
    await inspector.getByText('iteration 1').waitFor();
    await openTab(page, 'Configuration');
    await inspector.getByText('to: "bob"').waitFor();
  });

  it('is watched on a phone, where an approval is decided too', async () => {
    const id = await start(RELEASE);
    const page = await open(`/executions/${id}`, { viewport: { width: 390, height: 844 } });
    await expectExecution(page, 'Waiting');
    await expectNoSideways(page);
    await page.getByText('Ship v1?').waitFor();
    await expectAccessible(page, 'on a phone');
    await page.getByRole('button', { name: /^build/ }).click();
    const sheet = page.getByRole('dialog', { name: 'build' });
    await sheet.getByRole('tab', { name: 'Logs' }).click();
    await sheet.getByRole('log').getByText('one warning').waitFor();
    await sheet.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByLabel('Comment').fill('From the train');
    await page.getByRole('button', { name: 'Approve' }).click();
    await expectExecution(page, 'Completed');

    await page
      .getByRole('list', { name: 'Steps' })
      .getByRole('button', { name: /^tell.*Completed/ })
      .waitFor();
    await expectNoSideways(page);
  });

  it('has everything on a tablet without scrolling sideways', async () => {
    const page = await open(`/executions/${waitingId}`, { viewport: { width: 820, height: 1180 } });
    await expectExecution(page, 'Waiting');
    await expectNoSideways(page);
    await expectStep(page, 'ask', 'Waiting');
    for (const name of ['Pause', 'Cancel', 'More actions', 'Approve', 'Reject', 'Actions of the step']) {
      const box = await page.getByRole('button', { name, exact: true }).boundingBox();
      expect(box, name).not.to.equal(null);
      expect((box?.x ?? 0) + (box?.width ?? 0), `the right edge of ${name}`).to.be.at.most(820);
    }
    await expectNoSideways(page);
    const [a = '', b = ''] = failedIds;
    await page.goto(`/executions/compare?a=${a}&b=${b}`);
    await page.getByRole('button', { name: 'Show the difference of load' }).click();
    await expectNoSideways(page);
  });
});
