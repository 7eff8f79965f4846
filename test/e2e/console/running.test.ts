import type { DefinitionInput } from '@millrace/contracts';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useDesk } from './support/desk.js';
import { consolePlatform } from './support/platform.js';
import { GREETING } from './support/workflows.js';

const WITH_PARAMETERS: DefinitionInput = {
  ...GREETING,
  name: 'Greeting of somebody',
  parameters_schema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Whom', minLength: 2 },
      times: { type: 'integer', default: 1, minimum: 1 },
    },
    required: ['name'],
  },
};

describe('running in the builder', function () {
  this.timeout(120_000);
  const desk = useDesk();

  /** The run that the canvas shows, when it has come to its end. */
  async function ended(page: Page, before?: string): Promise<string> {
    await page.waitForURL((url) => {
      const run = url.searchParams.get('run');
      return run !== null && run !== before;
    });
    const bar = page.getByRole('region', { name: 'Run on the canvas' });
    await bar.getByText('Completed', { exact: true }).waitFor();
    const href = (await bar.getByRole('link', { name: 'Open the execution' }).getAttribute('href')) ?? '';
    return href.split('/').at(-1) ?? '';
  }

  it('asks for the parameters of the workflow, refuses wrong ones at their field, and runs to a step', async () => {
    const { builder } = await desk.open(WITH_PARAMETERS);
    const { page, card } = builder;
    const { executions } = (await consolePlatform()).api.admin;
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Run the workflow' });
    await dialog.getByLabel('Whom').fill('A');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.getByRole('alert').first().waitFor();
    expect(await dialog.getByLabel('Whom').getAttribute('aria-invalid')).to.equal('true');
    await dialog.getByLabel('Whom').fill('Ada');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    const first = await ended(page);
    await card('shout').getByRole('img', { name: 'Completed' }).waitFor();

    await card('greet').hover();
    await card('greet').getByRole('button', { name: 'Run to here' }).click();
    const again = page.getByRole('dialog', { name: 'Run to greet' });
    expect(await again.getByLabel('Whom').inputValue()).to.equal('Ada');
    await again.getByLabel('Whom').fill('Grace');
    await again.getByLabel('Whom').press('Control+Enter');
    const second = await ended(page, first);

    expect((await executions.get(first)).parameters).to.deep.equal({ name: 'Ada', times: 1 });
    const steps = await executions.steps(second);
    expect(steps.map(({ step_id: id, status }) => [id, status])).to.deep.equal([['greet', 'completed']]);
    expect(steps[0]?.output).to.deep.equal({ text: 'Hello Grace' });
  });

  it('tests a draft with a pinned output in the place of its step', async () => {
    const { builder, workflow } = await desk.open(GREETING);
    const { page, card, panel } = builder;
    const { executions, workflows } = (await consolePlatform()).api.admin;
    await card('greet').click();
    await panel.getByRole('tab', { name: 'Output' }).click();
    await panel.getByRole('button', { name: 'Write one' }).click();
    await builder.write('Pinned output', '{ "text": "pinned words" }');
    await card('greet').getByRole('img', { name: 'Output pinned' }).waitFor();
    await page.getByRole('button', { name: 'Test run' }).click();
    const id = await ended(page);
    await card('shout').click();
    await panel.getByRole('tab', { name: 'Output' }).click();
    await panel.getByText('PINNED WORDS').waitFor();

    const steps = await executions.steps(id);
    expect(steps.find(({ step_id: step }) => step === 'shout')?.output).to.equal('PINNED WORDS');
    expect((await workflows.get(workflow.id)).version).to.equal(1);
    expect((await executions.get(id)).test).to.equal(true);
  });
});
