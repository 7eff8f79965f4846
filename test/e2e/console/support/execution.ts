import { isTerminal, type ExecutionStatus } from '@millrace/contracts';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../../../support/poll.js';
import { consolePlatform } from './platform.js';

/** The parts of the execution page, by the names that people know them by. */
export const cardOf = (page: Page, step: string): Locator =>
  page.getByRole('group', { name: /^Execution of/ }).getByRole('group', { name: new RegExp(`^${step}, `) });
export const timelineOf = (page: Page): Locator => page.getByRole('region', { name: 'Timeline' });
export const rowOf = (page: Page, step: string): Locator =>
  timelineOf(page).getByRole('button', { name: new RegExp(`^${step}, `) });
export const inspectorOf = (page: Page, step: string): Locator =>
  page.getByRole('region', { name: `Step ${step}`, exact: true });

/** Waits until canvas and timeline say of the step that it is so, and the inspector when it is opened there. */
export async function expectStep(page: Page, step: string, word: string): Promise<void> {
  await timelineOf(page)
    .getByRole('button', { name: new RegExp(`^${step}, ${word}`) })
    .click();
  await inspectorOf(page, step).getByRole('status', { name: 'Status of the step' }).getByText(word).waitFor();
  const card = cardOf(page, step);
  // A card says nothing of what has not begun.
  if (word === 'Pending') expect(await card.getByRole('img').count()).to.equal(0);
  else await card.getByRole('img', { name: word }).waitFor();
}

/** Waits for the status in the head of the page. */
export async function expectExecution(page: Page, word: string): Promise<void> {
  await page
    .getByRole('status', { name: 'Status of the execution' })
    .getByText(word, { exact: true })
    .waitFor();
}

export async function openTab(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('tab', { name }).click();
}

export async function reached(id: string, ...statuses: readonly ExecutionStatus[]): Promise<void> {
  const { api } = await consolePlatform();
  await eventually(
    async () => {
      const { status } = await api.admin.executions.get(id);
      expect(statuses, `the execution is ${status}`).to.include(status);
    },
    { timeoutMs: 30_000 },
  );
}

export async function hasEnded(id: string): Promise<void> {
  const { api } = await consolePlatform();
  await eventually(
    async () => {
      const { status } = await api.admin.executions.get(id);
      expect(isTerminal(status), status).to.equal(true);
    },
    { timeoutMs: 30_000 },
  );
}
