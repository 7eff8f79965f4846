import { setNonce } from 'get-nonce';

/** What the gateway puts into index.html with every answer; the page's policy allows style elements that bear it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Dialogs keep the page behind them from scrolling with a style element of their own. */
export function allowStyles(): void {
  setNonce(styleNonce());
}
