import type { Page } from 'playwright-core';
import { visit, type ContextOptions, type Visit } from './browser.js';
import { consolePlatform } from './platform.js';

export interface WindowOptions extends ContextOptions {
  /** Before the address is opened. */
  prepare?: (page: Page) => void | Promise<void>;
}

/** Opens an address in a browser window of its own. */
export type OpenWindow = (path: string, options?: WindowOptions) => Promise<Visit>;

/**
 * For a suite: starts the platform before it, and closes every window that it opened after each test. `usual` is of every
 * window; what prepares one is done besides.
 */
export function useWindows(usual: WindowOptions = {}): OpenWindow {
  let windows: Visit[] = [];

  before(async function () {
    this.timeout(240_000);
    await consolePlatform();
  });
  afterEach(async () => {
    const open = windows;
    windows = [];
    for (const one of open) await one.close();
  });

  return async (path, { prepare, ...options } = {}) => {
    const opened = await visit({ ...usual, ...options });
    windows.push(opened);
    await usual.prepare?.(opened.page);
    await prepare?.(opened.page);
    await opened.page.goto(path);
    return opened;
  };
}
