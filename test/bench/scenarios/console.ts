/** What somebody waits for who opens the console: how much is sent, when a page is there, and whether a drawing moves. */
import type { DefinitionInput } from '@millrace/contracts';
import type { Browser, Page } from 'playwright-core';
import { firstLoad, frameTimes, openBrowser, openWindow } from '../harness/browser.js';
import { type Platform, startPlatform } from '../harness/platform.js';
import { percentilesOf } from '../harness/statistics.js';
import { Results, type Section } from '../report/results.js';
import type { ScenarioContext } from './context.js';

const BUDGET_KB = 250;
const BUDGET_MS = 2_000;
const SMALL = 10;
const LARGE = 500;
const WHEEL_TURNS = 60;

export async function runConsole({ options, say, logFolder, flagsFor }: ScenarioContext): Promise<Section> {
  const results = new Results('Console');
  results.note('First loads with an empty cache, gzip, in headless Chromium on the machine that serves.');
  results.note(`Frames while a drawing is moved by the wheel: ${LARGE} steps beside ${SMALL}.`);
  const platform = await startPlatform({ logFolder, flagsFor, hasConsole: true });
  const browser = await openBrowser();
  try {
    const small = await platform.createWorkflow(layers(SMALL));
    const large = await platform.createWorkflow(layers(LARGE));
    const pages = [
      { name: 'sign-in', address: '/sign-in', ready: 'form button', isSignedIn: false },
      { name: 'Home', address: '/', ready: 'h1', isSignedIn: true },
      { name: 'workflows', address: '/workflows', ready: '[role=row] a', isSignedIn: true },
      { name: 'builder', address: `/workflows/${small}`, ready: '.react-flow__node', isSignedIn: true },
    ];
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`console, round ${round} of ${options.rounds}`);
      results.add('budget of code', 'kB', BUDGET_KB);
      results.add('budget of a first load', 'ms', BUDGET_MS);
      for (const { name, address, ready, isSignedIn } of pages) {
        const context = await openWindow(browser, platform.origin, isSignedIn ? platform.admin : undefined);
        const load = await firstLoad(context, address, ready);
        await context.close();
        results.add(`${name}, code`, 'kB', load.codeKb);
        results.add(`${name}, requests`, 'requests', load.requests);
        results.add(`${name}, ready`, 'ms', load.readyMs);
        say(
          `${name}: ${load.codeKb.toFixed(0)} kB, ${load.requests} requests, ${load.readyMs.toFixed(0)} ms`,
        );
      }
      for (const [size, id] of [
        [SMALL, small],
        [LARGE, large],
      ] as const) {
        const { frames, elements } = await move(browser, platform, id);
        const { p50, p95 } = percentilesOf(frames);
        results.add(`frame of ${size} steps, p50`, 'ms', p50);
        results.add(`frame of ${size} steps, p95`, 'ms', p95);
        results.add(`elements of ${size} steps`, 'elements', elements);
        say(`${size} steps: frame p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${elements} elements`);
      }
    }
    for (const name of ['sign-in', 'Home']) {
      results.compare(`code of ${name} / budget`, `${name}, code`, 'budget of code', 'below 1');
      results.compare(`${name} ready / budget`, `${name}, ready`, 'budget of a first load', 'below 1');
    }
    const [large95, small95] = [LARGE, SMALL].map((size) => `frame of ${size} steps, p95`);
    results.compare(`frames of ${LARGE} steps / ${SMALL}, p95`, large95 ?? '', small95 ?? '');
    results.compare(
      `elements of ${LARGE} steps / ${SMALL}`,
      `elements of ${LARGE} steps`,
      `elements of ${SMALL} steps`,
    );
  } finally {
    await browser.close();
    await platform.stop();
  }
  return results.section();
}

async function move(
  browser: Browser,
  { origin, admin }: Platform,
  id: string,
): Promise<{ frames: readonly number[]; elements: number }> {
  const context = await openWindow(browser, origin, admin);
  const page = await context.newPage();
  await page.goto(`/workflows/${id}`);
  await page.waitForSelector('.react-flow__node');
  await page.mouse.move(700, 450);
  const frames = await frameTimes(page, () => turnWheel(page));
  const elements = Number(await page.evaluate('document.querySelectorAll("*").length'));
  await context.close();
  return { frames, elements };
}

/** There and back again, across many cards. */
async function turnWheel(page: Page): Promise<void> {
  for (let turn = 0; turn < WHEEL_TURNS; turn += 1) {
    await page.mouse.wheel(turn < WHEEL_TURNS / 2 ? 80 : -80, 0);
  }
}

/** Layers of five steps, each of which two of the next wait for. */
function layers(count: number): DefinitionInput {
  const idAt = (index: number): string => `step_${index}`;
  return {
    name: `${count} steps`,
    nodes: Array.from({ length: count }, (_, index) => ({
      id: idAt(index),
      type: 'set' as const,
      position: { x: Math.floor(index / 5) * 340, y: (index % 5) * 120 },
      data: { label: `Step ${index}`, config: { values: { index } } },
    })),
    edges: Array.from({ length: count - 5 }, (_, index) => index + 5).flatMap((index) => {
      const before = Math.floor(index / 5) * 5 - 5;
      const sources = new Set([index - 5, before + ((index + 1) % 5)]);
      return [...sources].map((source) => ({ source: idAt(source), target: idAt(index) }));
    }),
  };
}
