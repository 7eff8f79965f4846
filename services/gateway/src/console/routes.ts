import type { Request, RequestHandler, Response } from 'express';
import { hasRevision } from '../http/etag.js';
import { factsOf } from '../http/locals.js';
import { findFile } from './files.js';
import { readPage } from './page.js';

/** Addresses of the API and its documentation: what is not found there is not for the console to show. */
const RESERVED = /^\/(?:api|docs|health|metrics|openapi\.json)(?:\/|$)/;

/** The build names these by their content, so they never change. */
const ASSETS = '/assets/';

/**
 * Serves the built console: its files, and its page for every other address that a browser opens, for the page knows
 * its way by itself. A missing asset is left to be a 404: a page in the place of a script would only confuse.
 */
export function consoleRoutes(folder: string): RequestHandler {
  return async (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads || RESERVED.test(request.path)) {
      next();
      return;
    }
    factsOf(response).route = '(console)';
    if (await sendFile(folder, request, response)) return;
    const wantsPage = request.path === '/' || opensPage(request);
    if (wantsPage && !request.path.startsWith(ASSETS) && (await sendPage(folder, request, response))) return;
    next();
  };
}

/** Browsers say `text/html` for what they show; programs that take anything are not meant. */
function opensPage(request: Request): boolean {
  return /\btext\/html\b/i.test(request.get('accept') ?? '');
}

async function sendFile(folder: string, request: Request, response: Response): Promise<boolean> {
  const file = await findFile(folder, request);
  if (!file) return false;
  const isAsset = request.path.startsWith(ASSETS);
  response.setHeader('Cache-Control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.vary('Accept-Encoding');
  response.type(file.extension);
  if (file.encoding) response.setHeader('Content-Encoding', file.encoding);
  response.sendFile(file.sent, { root: folder, cacheControl: false });
  return true;
}

async function sendPage(folder: string, request: Request, response: Response): Promise<boolean> {
  const page = await readPage(folder);
  if (!page) return false;
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('ETag', page.etag);
  if (hasRevision(request.get('if-none-match'), page.etag)) {
    // The browser shows the page it has, whose nonce is that of the policy it has: another one would not fit.
    response.removeHeader('Content-Security-Policy');
    response.status(304).end();
    return true;
  }
  response.setHeader('Content-Security-Policy', page.contentSecurityPolicy);
  response.type('html').send(page.html);
  return true;
}
