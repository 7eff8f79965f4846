import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createOpenApiDocument, jsonObject } from '@millrace/contracts';
import { type RequestHandler, Router } from 'express';
// Not the package itself: that would evaluate the whole bundle for the browser.
import swaggerFolder from 'swagger-ui-dist/absolute-path.js';
import type { Handlers } from '../http/route.js';
import { DOCS_PAGE, DOCS_SCRIPT, HOME_PAGE, PAGES_STYLE } from './pages.js';

/** Loopback and HTTPS pages alike; a deployment changes them only with its code. */
const CACHED = 'public, max-age=3600';

export function docsHandlers(version: string): Handlers<'openApi' | 'docs'> {
  // A round trip through JSON leaves out what is undefined, as the answer would.
  const document = jsonObject.parse(JSON.parse(JSON.stringify(createOpenApiDocument({ version }))));
  return {
    openApi: () => ({ status: 200, body: document }),
    docs: () => ({
      stream: (response) => {
        response.type('html').send(DOCS_PAGE);
      },
    }),
  };
}

/** What the pages load: exactly these files. And the page at the root of the address, where the console is not served. */
export function staticPages(): Router {
  const router = Router();
  const folder = swaggerFolder();
  router.get('/', text('html', HOME_PAGE));
  router.get('/docs/assets/init.js', text('js', DOCS_SCRIPT));
  router.get('/docs/assets/pages.css', text('css', PAGES_STYLE));
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(`/docs/assets/${name}`, file(path.join(folder, name), path.extname(name)));
  }
  return router;
}

function text(type: string, content: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Cache-Control', CACHED);
    response.type(type).send(content);
  };
}

/** Read once, at the first request for it. */
function file(location: string, type: string): RequestHandler {
  let content: Promise<Buffer> | undefined;
  return async (_request, response) => {
    content ??= readFile(location);
    response.setHeader('Cache-Control', CACHED);
    response.type(type).send(await content);
  };
}
