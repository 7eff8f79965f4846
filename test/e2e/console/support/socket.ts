import type { Page, WebSocketRoute } from 'playwright-core';

/** The sockets between a page and the platform, which the test can cut. */
export interface HeldSocket {
  /** Closes them on both sides, and every new one at once. */
  cut(): Promise<void>;
  /** From now on they come through again. */
  restore(): void;
}

/** What browsers and servers may close with of their own accord; the page has to take it for a lost connection. */
const CUT = { code: 3_000, reason: 'cut by the test' };

/** To be called before the page is opened. */
export async function holdSocket(page: Page): Promise<HeldSocket> {
  let isCut = false;
  const ends = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/api\/v1\/ws\//, async (route) => {
    if (isCut) {
      await route.close(CUT);
      return;
    }
    ends.add(route).add(route.connectToServer());
  });
  return {
    async cut() {
      isCut = true;
      const open = [...ends];
      ends.clear();
      await Promise.all(open.map((end) => end.close(CUT)));
    },
    restore() {
      isCut = false;
    },
  };
}
