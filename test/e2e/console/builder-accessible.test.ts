import { expectAccessible } from './support/accessible.js';
import { useDesk } from './support/desk.js';
import { consolePlatform } from './support/platform.js';
import type { DefinitionInput } from '@millrace/contracts';

const REVIEW: DefinitionInput = {
  name: 'Review of changes',
  parameters_schema: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      urgent: { type: 'boolean' },
      reviewers: { type: 'array', items: { type: 'string' } },
    },
    required: ['title'],
  },
  nodes: [
    {
      id: 'review',
      type: 'agent',
      position: { x: 0, y: 0 },
      data: { agent_type: 'code_review', config: { instructions: 'Look at {{ parameters.title }}' } },
    },
    { id: 'good', type: 'condition', position: { x: 352, y: 0 }, data: { config: { expression: 'true' } } },
    { id: 'ask', type: 'approval', position: { x: 704, y: 0 }, data: { config: { message: 'Ship it?' } } },
  ],
  edges: [
    { id: 'edge_1', source: 'review', target: 'good' },
    { id: 'edge_2', source: 'good', target: 'ask', label: 'true' },
  ],
  ui: {
    notes: [{ id: 'note', text: 'Somebody looks at it', x: 0, y: 160, width: 240, height: 120 }],
    groups: [{ id: 'group', label: 'Automatic', nodes: ['review', 'good'] }],
  },
};

describe('the builder, as axe sees it', function () {
  this.timeout(120_000);
  const desk = useDesk();

  for (const theme of ['light', 'dark'] as const) {
    it(`has nothing serious in the ${theme} theme: panel, problems, outline, run dialog`, async () => {
      const { builder } = await desk.open(REVIEW, { theme });
      const { page, card, panel } = builder;
      await builder.choice('HTTP request').click();
      await card('http_request').waitFor();
      await page.getByRole('region', { name: 'Problems of the workflow' }).getByRole('button').click();
      await page.getByRole('list', { name: 'Problems' }).getByRole('listitem').first().waitFor();
      await card('review').click();
      await expectAccessible(page, `panel and problems, ${theme}`);
      for (const tab of ['Input', 'Behaviour', 'Output', 'Notes']) {
        await panel.getByRole('tab', { name: tab }).click();
        await panel.getByRole('tabpanel', { name: tab }).waitFor();
        await expectAccessible(page, `tab ${tab}, ${theme}`);
      }
      await page.getByRole('radio', { name: 'Outline' }).click();
      await page.getByRole('tree', { name: 'Outline' }).waitFor();
      await page.keyboard.press('Escape');
      await expectAccessible(page, `outline and settings, ${theme}`);
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('dialog', { name: 'Run the workflow' }).waitFor();
      await expectAccessible(page, `run dialog, ${theme}`);
    });

    it(`has nothing serious in the ${theme} theme: two versions side by side`, async () => {
      const { workflows } = (await consolePlatform()).api.admin;
      const workflow = await workflows.create(REVIEW);
      await workflows.update(workflow.id, {
        ...REVIEW,
        nodes: [
          {
            id: 'review',
            type: 'agent',
            position: { x: 0, y: 0 },
            data: { agent_type: 'code_review', config: { instructions: 'Look twice' } },
          },
          ...REVIEW.nodes.slice(1, 2),
        ],
        edges: (REVIEW.edges ?? []).slice(0, 1),
      });
      const { page } = await desk.window(`/workflows/${workflow.id}/versions`, { theme });
      await page.getByRole('region', { name: 'Changes' }).getByRole('listitem').first().waitFor();
      await page
        .getByRole('group', { name: 'Version 2' })
        .getByRole('group', { name: /^review/ })
        .waitFor();
      await page.getByRole('button', { name: 'Next change' }).click();

      await expectAccessible(page, `versions, ${theme}`);
    });
  }
});
