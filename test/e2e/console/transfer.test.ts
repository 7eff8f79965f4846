import { readFile } from 'node:fs/promises';
import { definition } from '@millrace/contracts';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { builderOn } from './support/builder.js';
import { useDesk } from './support/desk.js';
import { consolePlatform } from './support/platform.js';

const BROKEN_JSON = `{
  "name": "Never imported",
  "nodes": [
    { "id": "a", "type": "set" "data": {} }
  ]
}`;

const BROKEN_YAML = `name: Never imported
nodes:
  - id: a
    type: set
    data:
      config:
        values: {}
  - id: b
    type: teleport
edges:
  - source: a
    target: nowhere
`;

const GOOD_YAML = `name: Imported from a file
description: Two steps
nodes:
  - id: greet
    type: set
    position: { x: 0, y: 0 }
    data:
      label: Greet
      config:
        values:
          text: '="Hello " & parameters.name'
  - id: shout
    type: transform
    position: { x: 352, y: 40 }
    data:
      config:
        expression: $uppercase(steps.greet.output.text)
edges:
  - id: edge_1
    source: greet
    target: shout
    label: then
metadata:
  tags: [greeting]
ui:
  notes:
    - { id: note, text: Read me, x: 0, y: 160, width: 240, height: 120 }
`;

describe('importing and exporting', function () {
  this.timeout(120_000);
  const desk = useDesk();

  const choose = (page: Page, name: string, text: string): Promise<void> =>
    page
      .getByLabel('File with a definition')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

  async function exported(page: Page, entry: string): Promise<string> {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: entry }).click(),
    ]);
    return readFile(await download.path(), 'utf8');
  }

  it('says at which line a broken file is wrong and imports nothing of it, then takes a good one', async () => {
    const { page } = await desk.window('/workflows');
    const { workflows } = (await consolePlatform()).api.admin;
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a workflow' });
    const problems = dialog.getByRole('region', { name: 'Problems' });
    const create = dialog.getByRole('button', { name: 'Create workflow' });

    await choose(page, 'broken.json', BROKEN_JSON);
    await problems.getByText('Line 4', { exact: true }).first().waitFor();
    expect(await create.getAttribute('aria-disabled')).to.equal('true');
    await choose(page, 'broken.yaml', BROKEN_YAML);
    await problems.getByText('Line 9', { exact: true }).waitFor();
    await problems.getByText('Line 9', { exact: true }).click();
    await dialog.locator('.cm-activeLine').getByText('teleport').waitFor();
    await create.click({ force: true });
    expect((await workflows.list({ search: 'Never imported' })).items).to.deep.equal([]);
    expect(await dialog.isVisible()).to.equal(true);

    await choose(page, 'good.yaml', GOOD_YAML);
    await dialog.getByText('Imported from a file: 2 steps, 1 edge').waitFor();
    await create.click();
    await page.waitForURL(/\/workflows\/wf_/);
    const builder = await builderOn(page);
    await builder.card('Greet').waitFor();
    const { nodes, edges, labels } = await builder.wholeDrawing();
    expect(nodes.map(({ name }) => name)).to.have.members([
      'Greet, Set values',
      'shout, Transform',
      'Note: Read me',
    ]);
    expect([edges, labels]).to.deep.equal([['From Greet to shout, then'], ['then']]);
    const whole = definition.parse(parse(GOOD_YAML));
    expect(definition.parse(parse(await exported(page, 'Export as YAML')))).to.deep.equal(whole);
    expect(definition.parse(JSON.parse(await exported(page, 'Export as JSON')))).to.deep.equal(whole);
  });
});
