import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import type { Locator } from 'playwright-core';
import { eventually } from '../../support/poll.js';
import { builderOn } from './support/builder.js';
import { definitionIn, useDesk } from './support/desk.js';
import { consolePlatform } from './support/platform.js';
import { ROW } from './support/workflows.js';

describe('the builder', function () {
  this.timeout(120_000);
  const desk = useDesk();

  it('saves what is drawn with mouse and keys, and shows the same after a reload', async () => {
    const { page } = await desk.window('/workflows');
    await page.getByRole('button', { name: 'New workflow' }).first().click();
    await page.waitForURL(/\/workflows\/wf_/);
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const builder = await builderOn(page);
    const { canvas, panel, card, edge } = builder;
    const { workflows } = (await consolePlatform()).api.admin;

    // By drag, by click, by keys.
    await builder.drop('Set values', { x: 60, y: 160 });
    await card('set').waitFor();
    await page.keyboard.press('Escape');
    await builder.choice('Condition').click();
    await card('condition').waitFor();
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: 'Add a step' }).getByRole('combobox').fill('delay');
    await page.keyboard.press('Enter');
    await card('delay').waitFor();
    await edge('condition to delay, true').waitFor({ state: 'attached' });
    await builder.drop('Transform', { x: 620, y: 560 });
    await card('transform').waitFor();

    await builder.fit();
    await builder.connect('set', 'condition');
    await edge('set to condition').waitFor({ state: 'attached' });
    await panel.getByLabel('Label').fill('checked');
    await builder.connect('condition', 'transform');
    await page
      .getByRole('dialog', { name: 'Choose the branch' })
      .getByRole('option', { name: 'false' })
      .click();
    await edge('condition to transform, false').waitFor({ state: 'attached' });

    await card('condition').click();
    await builder.write('Expression', 'parameters.amount > 10');
    await card('set').click();
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'Name of the step' }).last().fill('Prepare');
    await page.keyboard.press('Enter');
    await card('Prepare, Set values').waitFor();
    await panel.getByRole('button', { name: 'Add entry' }).click();
    await panel.getByLabel('Values: name 1').fill('greeting');
    await panel.getByLabel('Values: name 1').press('Enter');
    await builder.write('greeting', 'Hello {{ parameters.name }}');

    await card('Prepare').click();
    await card('condition').click({ modifiers: ['Shift'] });
    await page.keyboard.press('Control+g');
    await card('Group Group').getByText('Group').dblclick();
    await page.getByRole('textbox', { name: 'Name of the group' }).fill('Entry');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+S');
    await page.getByRole('textbox', { name: 'Text of the note' }).fill('Amounts are in dollars');
    await page.keyboard.press('Escape');
    await builder.drag(card('Note:'), { x: -60, y: 80 });
    await card('Note:').dblclick();
    await page.getByRole('textbox', { name: 'Text of the note' }).fill('Amounts are in euros');
    await page.keyboard.press('Escape');
    await builder.drag(card('delay'), { x: -120, y: -150 });
    await card('delay').click();
    await page.keyboard.press('Alt+ArrowDown');
    await builder.saved();
    await page.keyboard.press('Control+s');
    await page.getByText('Published version 1', { exact: true }).waitFor();
    const before = await builder.wholeDrawing();
    const published = await workflows.get(id);
    await page.reload();
    await canvas.waitFor();
    const after = await (await builderOn(page)).wholeDrawing();

    expect(after).to.deep.equal(before);
    expect(await workflows.get(id)).to.deep.equal(published);
    for (const { id: stepId, position } of published.nodes)
      expect(before.nodes.find((node) => node.id === stepId)).to.deep.include(position);
    expect(before.nodes).to.have.length(6);
    expect(before.labels.map((label) => label.trim())).to.deep.equal(['checked', 'false', 'true']);
    expect(published.nodes.find(({ id: stepId }) => stepId === 'set')?.data).to.deep.include({
      label: 'Prepare',
      config: { values: { greeting: 'Hello {{ parameters.name }}' } },
    });
    expect(published.nodes.find(({ id: stepId }) => stepId === 'condition')?.data.config).to.deep.equal({
      expression: 'parameters.amount > 10',
    });
    expect(published.ui?.notes?.[0]).to.include({ text: 'Amounts are in euros' });
    expect(published.ui?.groups?.[0]).to.deep.include({ label: 'Entry', nodes: ['set', 'condition'] });
  });

  it('undoes and redoes twenty edits of every kind', async () => {
    const { workflow, builder } = await desk.open(ROW);
    const { page, panel, card } = builder;
    const edits: (() => Promise<void>)[] = [
      () => builder.drop('Code', { x: 300, y: 620 }),
      () => builder.connect('first', 'code'),
      () => builder.drag(card('code'), { x: 40, y: -24 }),
      async () => {
        await card('second').click();
        await page.keyboard.press('F2');
        await page.getByRole('textbox', { name: 'Name of the step' }).last().fill('Wait');
        await page.keyboard.press('Enter');
      },
      () => builder.write('Seconds', '30'),
      () => panel.getByRole('textbox', { name: 'Name of the step' }).fill('Wait a while'),
      async () => {
        await panel.getByRole('textbox', { name: 'Id of the step' }).fill('pause');
        await page.keyboard.press('Enter');
      },
      async () => {
        await card('Wait a while').click();
        await page.keyboard.press('d');
      },
      () => page.keyboard.press('Alt+ArrowUp'),
      () => page.keyboard.press('Control+d'),
      () => page.keyboard.press('Delete'),
      async () => {
        await card('third').click();
        await page.keyboard.press('Control+c');
        await page.keyboard.press('Control+v');
      },
      async () => {
        await card('first').click();
        await card('third, ')
          .first()
          .click({ modifiers: ['Shift'] });
        await page.keyboard.press('Control+g');
      },
      async () => {
        await page.keyboard.press('Shift+S');
        await page.keyboard.press('Escape');
      },
      async () => {
        await page.keyboard.press('Enter');
        await page.getByRole('textbox', { name: 'Text of the note' }).fill('Mind the gap');
        await page.keyboard.press('Escape');
      },
      () => builder.drag(card('Note:'), { x: 0, y: 160 }),
      async () => {
        await builder.fit();
        await builder.edge('first to code').locator('path').last().click({ force: true });
        await panel.getByLabel('Label').fill('then');
      },
      async () => {
        await builder.edge('first to code, then').locator('path').last().click({ force: true });
        await page.keyboard.press('Backspace');
      },
      async () => {
        await card('third').first().click();
        await page.keyboard.press('Control+x');
      },
      async () => {
        const before = await builder.drawing();
        await page.keyboard.press('Shift+Alt+T');
        await eventually(async () => expect(await builder.drawing()).not.to.deep.equal(before));
      },
    ];
    const undo = page.getByRole('button', { name: 'Undo (Ctrl+Z)' });
    const redo = page.getByRole('button', { name: 'Redo (Ctrl+Shift+Z)' });
    const canBe = async (button: Locator): Promise<boolean> =>
      (await button.getAttribute('aria-disabled')) !== 'true';
    const settled = async (): Promise<JsonObject> => {
      await builder.saved();
      return desk.draft(workflow.id);
    };
    const first = await builder.wholeDrawing();
    for (const edit of edits) await edit();
    await page.keyboard.press('Escape');
    const last = await builder.wholeDrawing();
    const drawn = await settled();
    const possible: boolean[] = [];
    for (let count = 0; count < 20; count += 1) {
      possible.push(await canBe(undo));
      await page.keyboard.press('Control+z');
    }
    const undone = await builder.wholeDrawing();
    const restored = await settled();
    expect(possible).not.to.include(false);
    expect([await canBe(undo), await canBe(redo)]).to.deep.equal([false, true]);
    for (let count = 0; count < 20; count += 1)
      await page.keyboard.press(count % 2 === 0 ? 'Control+Shift+z' : 'Control+y');
    expect([await canBe(undo), await canBe(redo)]).to.deep.equal([true, false]);
    const redone = await builder.wholeDrawing();

    expect(undone).to.deep.equal(first);
    expect(redone).to.deep.equal(last);
    expect(restored['nodes']).to.deep.equal(workflow.nodes);
    expect(restored['edges']).to.deep.equal(workflow.edges);
    expect(await settled()).to.deep.equal(drawn);
  });

  it('leaves the steps alone while somebody types', async () => {
    const { workflow, builder } = await desk.open(ROW);
    const { page, panel, card } = builder;
    const places = async (): Promise<unknown> =>
      (await builder.wholeDrawing()).nodes.map(({ id, x, y }) => ({ id, x, y }));
    const type = async (): Promise<void> => {
      for (const key of [
        ...[
          'n',
          'd',
          'c',
          'p',
          'o',
          'Shift+S',
          'Delete',
          'Backspace',
          'ArrowLeft',
          'ArrowDown',
          'Alt+ArrowUp',
        ],
        ...['Control+a', 'Control+d', 'Control+g', 'Delete', 'Control+z', 'Control+Shift+z'],
      ])
        await page.keyboard.press(key);
    };
    await card('first').click();
    await page.keyboard.press('Alt+ArrowDown');
    await builder.saved();
    const before = await places();
    await panel.getByRole('textbox', { name: 'Name of the step' }).click();
    await type();
    await panel.getByRole('textbox', { name: 'Id of the step' }).click();
    await type();
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox', { name: 'Search the steps' }).click();
    await type();
    await page.getByRole('searchbox', { name: 'Search the steps' }).fill('');
    await card('second').click();
    await panel.getByRole('textbox', { name: 'Seconds' }).click();
    await type();
    await card('third').click();
    await page.keyboard.press('F2');
    await type();
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await type();
    await page.keyboard.press('Escape');
    await builder.saved();

    expect(await places()).to.deep.equal(before);
    const { nodes, edges } = await desk.draft(workflow.id);
    expect(edges).to.deep.equal(workflow.edges);
    expect(nodes).to.have.length(3);
  });

  it('copies steps from one workflow to another, with ids of their own and the edges among them', async () => {
    const { builder, visit } = await desk.open({
      ...ROW,
      nodes: [
        ...ROW.nodes.slice(0, 2),
        {
          id: 'third',
          type: 'transform',
          position: { x: 704, y: 40 },
          data: { label: 'Read', config: { expression: 'steps.second.output' } },
        },
      ],
    });
    const { workflows } = (await consolePlatform()).api.admin;
    const other = await workflows.create({ ...ROW, name: 'Other' });
    await builder.card('second').click();
    await builder.card('Read').click({ modifiers: ['Shift'] });
    await builder.page.keyboard.press('Control+c');
    const page = await visit.context.newPage();
    await page.goto(`/workflows/${other.id}`);
    const there = await builderOn(page);
    await there.canvas.click({ position: { x: 200, y: 600 } });
    await page.keyboard.press('Control+v');
    await there.card('Read').waitFor();
    await there.saved();

    const { nodes, edges } = definitionIn(await desk.draft(other.id));
    expect(nodes.map(({ id }) => id)).to.deep.equal(['first', 'second', 'third', 'second_2', 'third_2']);
    expect(edges.map(({ source, target }) => [source, target])).to.deep.equal([
      ['first', 'second'],
      ['second', 'third'],
      ['second_2', 'third_2'],
    ]);
    expect(new Set(edges.map(({ id }) => id)).size).to.equal(3);
    const [second, third] = nodes.slice(3);
    expect(third?.data.config).to.deep.equal({ expression: 'steps.second_2.output' });
    expect([
      (third?.position.x ?? 0) - (second?.position.x ?? 0),
      (third?.position.y ?? 0) - (second?.position.y ?? 0),
    ]).to.deep.equal([352, 40]);
  });

  it('refuses a connection that closes a cycle, and says which', async () => {
    const { workflow, builder } = await desk.open(ROW);
    const { page } = builder;
    const reason = 'This would close a cycle: third → first → second → third';
    await builder.connect('third', 'first');
    await page.getByText('Not connected', { exact: true }).waitFor();
    await page.getByText(reason, { exact: true }).waitFor();
    await builder.card('third').click();
    await page.keyboard.press('c');
    const option = page
      .getByRole('dialog', { name: 'Connect to a step' })
      .getByRole('option', { name: 'first' });
    await option.waitFor();

    expect(await option.innerText()).to.include(reason);
    expect(await option.getAttribute('aria-disabled')).to.equal('true');
    expect((await builder.drawing()).edges).to.have.length(workflow.edges.length);
  });
});
