import { expect } from 'chai';
import type { Page, Route } from 'playwright-core';
import { builderOn, type Builder } from './support/builder.js';
import { definitionIn, useDesk } from './support/desk.js';
import { consolePlatform } from './support/platform.js';
import { ROW } from './support/workflows.js';

/** What becomes of the page's requests that save a draft. */
async function onSave(page: Page, act: (route: Route) => Promise<void> | void): Promise<void> {
  await page.route('**/api/v1/workflows/*/draft', (route) =>
    route.request().method() === 'PUT' ? act(route) : route.continue(),
  );
}

describe('saving in the builder', function () {
  this.timeout(120_000);
  const desk = useDesk();

  const nameOf = async (workflowId: string, stepId: string): Promise<string | undefined> =>
    definitionIn(await desk.draft(workflowId)).nodes.find(({ id }) => id === stepId)?.data.label;
  const rename = async ({ card, panel }: Builder, step: string, name: string): Promise<void> => {
    await card(step).click();
    await panel.getByRole('textbox', { name: 'Name of the step' }).fill(name);
  };
  const chip = ({ page }: Builder, word: string) =>
    page.getByRole('status', { name: 'Saving' }).getByText(word, { exact: true });

  /** Two people at one draft; the second one's changes reach the platform after the first one's. */
  async function two() {
    const { workflow, builder: first } = await desk.open(ROW);
    const { page } = await desk.window(`/workflows/${workflow.id}`);
    const second = await builderOn(page);
    let release = (): void => undefined;
    const isFree = new Promise<void>((resolve) => (release = resolve));
    await onSave(page, async (route) => {
      await isFree;
      await route.continue();
    });
    return { workflow, first, second, release: () => release() };
  }

  it('joins what two people change in different places', async () => {
    const { workflow, first, second, release } = await two();
    await rename(second, 'third', 'Theirs');
    await rename(first, 'first', 'Mine');
    await first.saved();
    release();
    await second.saved();
    await second.card('Mine').waitFor();

    expect(await nameOf(workflow.id, 'first')).to.equal('Mine');
    expect(await nameOf(workflow.id, 'third')).to.equal('Theirs');
    await first.page.evaluate(`window.dispatchEvent(new Event('focus'))`);
    await first.card('Theirs').waitFor();
  });

  it('asks where two people change the same, and loses neither', async () => {
    const { workflow, first, second, release } = await two();
    await rename(second, 'first', 'Loading');
    await rename(second, 'third', 'Last');
    await rename(first, 'first', 'Fetching');
    await first.saved();
    release();
    await chip(second, 'Conflict').click();
    const dialog = second.page.getByRole('dialog', { name: 'Somebody else changed the same fields' });
    await dialog.getByRole('row').filter({ hasText: 'label' }).waitFor();
    expect(await dialog.getByRole('row').nth(1).getByRole('cell').allInnerTexts()).to.deep.equal([
      'nodes › first › data › label',
      'Loading',
      'Fetching',
    ]);
    await dialog.getByRole('button', { name: 'Keep mine as a copy' }).click();
    await second.card('Fetching').waitFor();
    await second.saved();

    expect(await nameOf(workflow.id, 'first')).to.equal('Fetching');
    const { workflows } = (await consolePlatform()).api.admin;
    const { items } = await workflows.list({ search: 'my copy' });
    const copy = items.find(({ name }) => name === 'Row (my copy)');
    expect(await nameOf(copy?.id ?? '', 'first')).to.equal('Loading');
    expect(await nameOf(copy?.id ?? '', 'third')).to.equal('Last');
  });

  it('can keep what one has made in the place of the other one’s', async () => {
    const { workflow, first, second, release } = await two();
    await rename(second, 'first', 'Loading');
    await rename(first, 'first', 'Fetching');
    await first.saved();
    release();
    await chip(second, 'Conflict').click();
    await second.page.getByRole('dialog').getByRole('button', { name: 'Keep mine here' }).click();
    await second.saved();

    expect(await nameOf(workflow.id, 'first')).to.equal('Loading');
  });

  it('goes on when the platform is back, with every edit made meanwhile', async () => {
    const { workflow, builder } = await desk.open(ROW);
    const { page } = builder;
    let failure: (route: Route) => Promise<void> = (route) => route.abort('connectionrefused');
    await onSave(page, (route) => failure(route));
    await rename(builder, 'first', 'Offline');
    await chip(builder, 'Offline').waitFor();
    failure = (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: '/errors/unavailable',
          title: 'Service unavailable',
          status: 503,
          detail: 'No',
        }),
      });
    await rename(builder, 'third', 'Overloaded');
    await chip(builder, 'Offline').waitFor();
    expect(await page.getByRole('alertdialog').count()).to.equal(0);
    failure = (route) => route.continue();
    await chip(builder, 'Offline').click();
    await builder.saved();

    expect(await nameOf(workflow.id, 'first')).to.equal('Offline');
    expect(await nameOf(workflow.id, 'third')).to.equal('Overloaded');
  });

  it('takes up an unsaved edit again after a reload', async () => {
    const { workflow, builder } = await desk.open(ROW);
    const { page } = builder;
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    let isDown = true;
    await onSave(page, (route) => (isDown ? route.abort('connectionrefused') : route.continue()));
    await rename(builder, 'first', 'Kept');
    await chip(builder, 'Offline').waitFor();
    await page.reload();
    const again = await builderOn(page);
    await again.card('Kept').waitFor();
    isDown = false;
    await again.saved();

    expect(asked).to.deep.equal(['beforeunload']);
    expect(await nameOf(workflow.id, 'first')).to.equal('Kept');
  });
});
