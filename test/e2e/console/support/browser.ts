import { expect } from 'chai';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAllTests } from '../../../support/root-hooks.js';
import { consolePlatform, PASSWORDS, type DefaultUser } from './platform.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Promise<Browser> | undefined;

function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium';
  browser ??= chromium.launch({ executablePath, args: FLAGS });
  return browser;
}

afterAllTests(async () => {
  await (await browser)?.close();
});

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ContextOptions {
  /** Who is signed in; nobody without it. */
  as?: DefaultUser | Credentials;
  theme?: 'light' | 'dark';
  reducedMotion?: boolean;
  viewport?: { width: number; height: number };
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: exceptions, refused resources, violations of its policy. */
  readonly complaints: string[];
  /** Closes the window and expects that the page never complained. */
  close(): Promise<void>;
}

/** A browser window of its own, with its own cookies, on the platform of the tests. */
export async function visit(options: ContextOptions = {}): Promise<Visit> {
  const { as, theme = 'light', reducedMotion = false, viewport = { width: 1280, height: 800 } } = options;
  const { url } = await consolePlatform();
  const context = await (
    await openBrowser()
  ).newContext({
    baseURL: url,
    viewport,
    colorScheme: theme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    permissions: ['clipboard-read', 'clipboard-write'],
    timezoneId: 'Europe/Berlin',
  });
  if (as !== undefined) {
    const who = typeof as === 'string' ? { username: as, password: PASSWORDS[as] } : as;
    await signInByRequest(context, who, url);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is told to the person by the page; the browser's own note of it is no defect.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return {
    ...{ context, page, complaints },
    async close() {
      await context.close();
      expect(complaints, 'complaints of the page').to.deep.equal([]);
    },
  };
}

/** The cookie of a session, as the sign-in page would get it; the page itself is a test of its own. */
async function signInByRequest(context: BrowserContext, who: Credentials, origin: string): Promise<void> {
  const answer = await context.request.post('/api/v1/auth/login/json?session=cookie', {
    data: who,
    headers: { origin },
  });
  expect(answer.status(), await answer.text()).to.equal(200);
}
