/** Chromium as somebody opens it for the first time, and what it says about a page. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Person {
  readonly username: string;
  readonly password: string;
}

/** Of a page that was opened with an empty cache. */
export interface FirstLoad {
  /** Scripts and styles as they were sent, headers included, in thousands of bytes. */
  readonly codeKb: number;
  readonly requests: number;
  /** From the navigation until what `ready` selects is there, milliseconds. */
  readonly readyMs: number;
}

export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A window with an empty cache; signed in where a person is given. */
export async function openWindow(
  browser: Browser,
  baseURL: string,
  person?: Person,
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 } });
  if (person) {
    const answer = await context.request.post('/api/v1/auth/login/json?session=cookie', {
      data: { ...person },
      headers: { origin: baseURL },
    });
    if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
  }
  return context;
}

/** Opens an address and waits until what `ready` selects is there. Closes the window's page afterwards. */
export async function firstLoad(context: BrowserContext, address: string, ready: string): Promise<FirstLoad> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  const addresses = new Map<string, string>();
  let requests = 0;
  let codeBytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    addresses.set(requestId, response.url);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    requests += 1;
    if (/\.(?:js|css)$/.test(addresses.get(requestId) ?? '')) codeBytes += encodedDataLength;
  });
  const startedAt = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForSelector(ready);
  const readyMs = performance.now() - startedAt;
  await page.waitForLoadState('load');
  const load = { codeKb: codeBytes / 1_000, requests, readyMs };
  await page.close();
  return load;
}

/** How long each frame took, milliseconds, while `act` went on. */
export async function frameTimes(page: Page, act: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(`
    window.frames = [];
    window.isWatched = true;
    (function watch(last) {
      requestAnimationFrame((now) => {
        if (last !== undefined) window.frames.push(now - last);
        if (window.isWatched) watch(now);
      });
    })();
  `);
  await act();
  const frames: unknown = await page.evaluate('window.isWatched = false, window.frames');
  return Array.isArray(frames) ? frames.map(Number) : [];
}
