import type { Locator, Page } from 'playwright-core';
import * as z from 'zod';

/** Wide enough for palette, canvas and panel side by side. */
export const DESK = { width: 1600, height: 900 } as const;

const drawing = z.object({
  nodes: z.array(
    z.object({ id: z.string(), name: z.string(), x: z.number(), y: z.number(), text: z.string() }),
  ),
  edges: z.array(z.string()),
  labels: z.array(z.string()),
});

/** What the canvas shows: its cards, notes and frames where they stand in the graph, its edges and their labels. */
export type Drawing = z.output<typeof drawing>;

const READ_DRAWING = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const place = /translate\\((-?[\\d.]+)px, ?(-?[\\d.]+)px\\)/;
  return {
    nodes: all('.react-flow__node').map((node) => {
      const [, x, y] = place.exec(node.style.transform) ?? [];
      const name = node.getAttribute('aria-label');
      return { id: node.dataset.id, name, x: Number(x), y: Number(y), text: node.innerText };
    }).sort((a, b) => a.id < b.id ? -1 : 1),
    edges: all('.react-flow__edge').map((edge) => edge.getAttribute('aria-label')).sort(),
    labels: all('.react-flow__edgelabel-renderer > *').map((label) => label.innerText).sort(),
  };
})()`;

export interface Builder {
  readonly page: Page;
  readonly canvas: Locator;
  readonly panel: Locator;
  /** A step, note or frame on the canvas, by the beginning of its name: `Fetch`, `Note:`, `Group`. */
  card(name: string): Locator;
  /** `Fetch to Check`, with the label behind a comma where there is one. */
  edge(name: string): Locator;
  /** A step's entry in the palette. */
  choice(title: string): Locator;
  /** Drags an entry of the palette onto the canvas, at a point of the canvas' own. */
  drop(title: string, at: { x: number; y: number }): Promise<void>;
  /** Draws from the right handle of one card to the left handle of another. */
  connect(from: string, to: string): Promise<void>;
  /** Drags with the mouse; from the middle of it, or from where `at` says. */
  drag(what: Locator, by: { x: number; y: number }, at?: { x: number; y: number }): Promise<void>;
  /** Puts `text` in place of what an editor of code holds. */
  write(label: string | RegExp, text: string): Promise<void>;
  /** Waits until the chip says that the platform has everything. */
  saved(): Promise<void>;
  /** Shows all there is, and waits until the view has come to rest: what is out of sight is not on the page. */
  fit(): Promise<void>;
  drawing(): Promise<Drawing>;
  /** After `fit`. */
  wholeDrawing(): Promise<Drawing>;
}

/** The builder that the page shows or is about to show. */
export async function builderOn(page: Page): Promise<Builder> {
  const canvas = page.getByRole('group', { name: /^Workflow / });
  await canvas.waitFor();
  const card = (name: string): Locator => canvas.getByRole('group', { name: startingWith(name) });
  const choice = (title: string): Locator =>
    page
      .getByRole('complementary', { name: 'Steps to add' })
      .getByRole('button', { name: title, exact: true });
  const centerOf = async (what: Locator): Promise<{ x: number; y: number }> => {
    const box = await what.boundingBox();
    if (box === null) throw new Error('it is not on the page');
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  async function pull(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 8 });
    await page.mouse.up();
  }
  const drawn = async (): Promise<Drawing> => drawing.parse(await page.evaluate(READ_DRAWING));
  async function fit(): Promise<void> {
    await page.getByRole('button', { name: 'Show all (1)' }).click();
    await page.evaluate(AT_REST);
  }
  return {
    page,
    canvas,
    card,
    panel: page.getByRole('complementary', { name: 'Configuration' }),
    edge: (name) => canvas.getByRole('group', { name: `From ${name}`, exact: true }),
    choice,
    async drop(title, at) {
      await choice(title).dragTo(canvas, { targetPosition: at });
    },
    async connect(from, to) {
      const source = await centerOf(card(from).locator('.react-flow__handle.source'));
      const target = await centerOf(card(to).locator('.react-flow__handle.target'));
      await pull(source, target);
    },
    async drag(what, by, at) {
      const box = await what.boundingBox();
      if (box === null) throw new Error('it is not on the page');
      const from = { x: box.x + (at?.x ?? box.width / 2), y: box.y + (at?.y ?? box.height / 2) };
      await pull(from, { x: from.x + by.x, y: from.y + by.y });
    },
    async write(label, text) {
      const editor = page.getByRole('textbox', { name: label }).first();
      await editor.click();
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(text);
    },
    async saved() {
      await page.getByRole('status', { name: 'Saving' }).getByText('Saved', { exact: true }).waitFor();
    },
    fit,
    drawing: drawn,
    async wholeDrawing() {
      await fit();
      return drawn();
    },
  };
}

/** Resolves when the view has stood still for three frames. */
const AT_REST = `new Promise((resolve) => {
  const viewport = document.querySelector('.react-flow__viewport');
  let still = 0;
  let last;
  const look = () => {
    still = viewport.style.transform === last ? still + 1 : 0;
    last = viewport.style.transform;
    if (still === 3) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

const startingWith = (name: string): RegExp =>
  new RegExp(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
