/** What the documents say against what the code does: settings, links, endpoints, errors, events, metrics, sweeps. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { API_BASE, API_ERRORS, apiRoutes, DEFAULT_SCOPES, EVENT_DATA, SCOPES } from '@millrace/contracts';
import { CRASH_POINTS } from '@millrace/runtime';
import { SETTINGS } from '@millrace/service-kit';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import {
  anchorsOf,
  fencesOf,
  markdownFiles,
  readDocument,
  relativeLinks,
  root,
  sectionOf,
  sourceFiles,
  tableRows,
} from '../support/markdown.js';

const bare = (cell = ''): string => cell.replaceAll('`', '');
/** First cells of the tables of a section. */
const namesIn = (document: string, heading: string): string[] =>
  tableRows(sectionOf(readDocument(document), heading)).map(([name]) => bare(name));

describe('the documents', () => {
  it('show every setting with its default and meaning', () => {
    const rows = tableRows(sectionOf(readDocument('README.md'), 'Configuration'));

    expect(rows).to.deep.equal(
      SETTINGS.map((setting) => [
        `\`${setting.name}\``,
        setting.default ? `\`${setting.default}\`` : '',
        `${setting.meaning}${setting.secret ? ' Secret.' : ''}`,
      ]),
    );
  });

  it('list every error of the API with its status', () => {
    const rows = tableRows(sectionOf(readDocument('docs/api.md'), 'Errors'));

    expect(rows.map(([code, status]) => [bare(code), Number(status)])).to.deep.equal(
      Object.entries(API_ERRORS).map(([code, { status }]) => [code, status]),
    );
  });

  it('list every scope and who has it by default', () => {
    const rows = tableRows(sectionOf(readDocument('docs/api.md'), 'Rights'));
    const has = (scopes: readonly string[], scope: string): string => (scopes.includes(scope) ? 'yes' : '');

    expect(rows.map(([scope, , admin, user]) => [bare(scope), admin, user])).to.deep.equal(
      SCOPES.map((scope) => [scope, has(DEFAULT_SCOPES.admin, scope), has(DEFAULT_SCOPES.user, scope)]),
    );
  });

  it('list every type of event', () => {
    const text = sectionOf(readDocument('docs/api.md'), 'Streams').split('### WebSocket')[0] ?? '';

    expect(tableRows(text).map(([type]) => bare(type))).to.deep.equal(Object.keys(EVENT_DATA));
  });

  it('name every crash window', () => {
    expect(namesIn('ARCHITECTURE.md', 'Crash windows')).to.have.members(Object.keys(CRASH_POINTS));
  });

  it('list every metric with the services that have it', () => {
    const services = new Map<string, Set<string>>();
    for (const { file, text } of sourceFiles()) {
      for (const [, name = ''] of text.matchAll(/\.(?:counter|gauge|histogram)\(\s*'(millrace_\w+)'/g)) {
        services.set(name, (services.get(name) ?? new Set()).add(file.split('/')[1] ?? ''));
      }
    }
    const rows = tableRows(sectionOf(readDocument('docs/operations.md'), 'Metrics'));

    expect(Object.fromEntries(rows.map(([name, where]) => [bare(name), where]))).to.deep.equal(
      Object.fromEntries([...services].map(([name, where]) => [name, [...where].sort().join(', ')])),
    );
  });

  it('list every sweep', () => {
    const scheduler = sourceFiles().find(({ file }) => file === 'services/scheduler/src/scheduler.ts');
    const sweeps = [...(scheduler?.text ?? '').matchAll(/\bloop\('(\w+)'/g)].map(([, name = '']) => name);

    expect(sweeps).not.to.deep.equal([]);
    expect(namesIn('docs/operations.md', 'What each sweep heals')).to.have.members(sweeps);
  });

  it('number the decisions and list each of them', () => {
    const files = readdirSync(path.join(root, 'docs/adr')).filter((file) => /^\d{4}-/.test(file));
    const listed = relativeLinks(readDocument('docs/adr/README.md'));

    expect(listed).to.deep.equal(files.sort());
    expect(files.map((file) => Number(file.slice(0, 4)))).to.deep.equal(files.map((_, index) => index + 1));
  });

  for (const file of markdownFiles()) {
    const text = readDocument(file);

    it(`${file}: links lead somewhere`, () => {
      const broken = relativeLinks(text).filter((target) => !leadsSomewhere(file, target));

      expect(broken).to.deep.equal([]);
    });

    it(`${file}: named endpoints exist`, () => {
      const unknown = endpointsIn(text).filter(({ method, address }) => !isOperation(method, address));

      expect(unknown).to.deep.equal([]);
    });

    it(`${file}: JSON and YAML can be read`, () => {
      for (const { language, content } of fencesOf(text)) {
        if (language === 'json') JSON.parse(content);
        if (language === 'yaml') parseYaml(content);
      }
    });
  }
});

function leadsSomewhere(file: string, target: string): boolean {
  const [place = '', anchor] = target.split('#');
  const found = place === '' ? file : path.join(path.dirname(file), decodeURI(place));
  if (!existsSync(path.join(root, found))) return false;
  if (anchor === undefined || !found.endsWith('.md')) return true;
  return anchorsOf(readDocument(found)).has(anchor);
}

interface Endpoint {
  /** Undefined where only an address is named, as after `curl`. */
  method: string | undefined;
  /** Relative to `/api/v1`. */
  address: string;
}

/** `GET /path` in code, and every address that begins with `/api/v1/`. */
function endpointsIn(text: string): Endpoint[] {
  const named = [...text.matchAll(/`(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)[^`]*`/g)].map(
    ([, method, address = '']) => ({ method: method?.toLowerCase(), address: address.replace(API_BASE, '') }),
  );
  const addresses = [...text.matchAll(/\/api\/v1(\/[\w/${}.-]+)/g)].map(([, address = '']) => ({
    method: undefined,
    address: address.replace(/[.]$/, ''),
  }));
  return [...named, ...addresses];
}

/** Sockets are no operations of OpenAPI; everything below them is one address. */
const SOCKETS = /^\/ws\/(executions\/[^/]+)?$/;

function isOperation(method: string | undefined, address: string): boolean {
  if (SOCKETS.test(address)) return true;
  return apiRoutes().some(
    ([, route]) =>
      (method === undefined || route.method === method) &&
      route.paths.some((template) => matches(template, address)),
  );
}

/** `{id}` of a route stands for one part of an address; a document may write any name, or a shell's variable, there. */
function matches(template: string, address: string): boolean {
  const [wanted, given] = [template, address.replace(/\/$/, '')].map((one) => one.split('/'));
  if (wanted?.length !== given?.length) return false;
  return (wanted ?? []).every((part, index) => part.startsWith('{') || part === given?.[index]);
}
