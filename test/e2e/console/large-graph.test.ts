import type { DefinitionInput } from '@millrace/contracts';
import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import { definitionIn, useDesk } from './support/desk.js';

const LAYERS = 50;
const BRANCHES = 10;

/** Fifty layers of ten steps; every step leads on in its branch, and every third one into the next branch, too. */
function layered(): DefinitionInput {
  const id = (layer: number, branch: number): string => `s${layer}_${branch}`;
  const places = Array.from({ length: LAYERS * BRANCHES }, (_, at) => ({
    layer: Math.floor(at / BRANCHES),
    branch: at % BRANCHES,
  }));
  return {
    name: 'Five hundred steps',
    nodes: places.map(({ layer, branch }) => ({
      id: id(layer, branch),
      type: 'set',
      position: { x: layer * 352, y: branch * 140 },
      data: { config: { values: { layer, branch } } },
    })),
    edges: places
      .filter(({ layer }) => layer + 1 < LAYERS)
      .flatMap(({ layer, branch }) => [
        { source: id(layer, branch), target: id(layer + 1, branch) },
        ...((layer + branch) % 3 === 0
          ? [{ source: id(layer, branch), target: id(layer + 1, (branch + 1) % BRANCHES) }]
          : []),
      ]),
  };
}

describe('a workflow of five hundred steps', function () {
  this.timeout(120_000);
  const desk = useDesk();

  it('is looked at, moved, undone and saved with a bounded number of elements on the page', async () => {
    const { workflow, builder } = await desk.open(layered());
    const { page, canvas, card, panel } = builder;
    const count = (selector: string): Promise<number> => page.locator(selector).count();
    await builder.fit();
    await eventually(async () => expect(await count('.react-flow__node')).to.equal(500));
    expect(await count('*'), 'elements where all is in sight').to.be.below(8_000);

    await canvas.click({ position: { x: 10, y: 10 } });
    await page.keyboard.press('0');
    await page.keyboard.press('ArrowRight');
    await card('s0_0,').waitFor();
    await eventually(async () => expect(await count('.react-flow__node')).to.be.within(1, 40));
    expect(await count('*'), 'elements where it can be read').to.be.below(2_500);

    const box = await canvas.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 300);
    for (let turn = 0; turn < 10; turn += 1) await page.mouse.wheel(700, 100);
    await card('s10_').first().waitFor();
    expect(await card('s0_0,').count()).to.equal(0);
    expect(await count('.react-flow__node')).to.be.within(1, 60);

    const step = card('s10_').first();
    await step.click();
    const id = await panel.getByRole('textbox', { name: 'Id of the step' }).inputValue();
    const placeIn = (nodes: readonly { id: string; position: unknown }[]): unknown =>
      nodes.find((node) => node.id === id)?.position;
    await builder.drag(card(`${id},`), { x: 60, y: 24 });
    await builder.saved();
    await eventually(async () => {
      const { nodes } = definitionIn(await desk.draft(workflow.id));
      expect(placeIn(nodes)).not.to.deep.equal(placeIn(workflow.nodes));
    });
    await page.keyboard.press('Control+z');
    await eventually(async () => {
      const { nodes } = definitionIn(await desk.draft(workflow.id));
      expect(placeIn(nodes)).to.deep.equal(placeIn(workflow.nodes));
    });

    await page.keyboard.press('ArrowRight');
    await page.getByRole('textbox', { name: 'Id of the step' }).waitFor();
    expect(await panel.getByRole('textbox', { name: 'Id of the step' }).inputValue()).to.match(/^s11_/);
  });
});
