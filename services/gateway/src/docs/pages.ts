/** The two plain pages. Scripts and styles are files of their own: the content security policy allows nothing inline. */

export const HOME_PAGE = page(
  'Millrace',
  '<link rel="stylesheet" href="/docs/assets/pages.css">',
  `<main>
    <h1>Millrace</h1>
    <p>Durable distributed workflows: submit a graph of steps, follow every one of them live.</p>
    <ul>
      <li><a href="/docs">The API, to read and to try</a></li>
      <li><a href="/openapi.json">Its OpenAPI document</a></li>
      <li><a href="/health">How the platform fares</a></li>
    </ul>
  </main>`,
);

export const DOCS_PAGE = page(
  'Millrace API',
  `<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  <script src="/docs/assets/swagger-ui-bundle.js" defer></script>
  <script src="/docs/assets/init.js" defer></script>`,
  '<div id="api"></div>',
);

/** Starts the viewer of DOCS_PAGE. The `validatorUrl` would send the document to a service outside. */
export const DOCS_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

export const PAGES_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 15vh auto 0; padding: 0 1.5rem; }
h1 { font-weight: 600; letter-spacing: -0.02em; }
a { color: LinkText; }
`;

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  ${head}
</head>
<body>
  ${body}
</body>
</html>
`;
}
