/**
 * Makes the `parameters.json` of every example from real data: the files of `examples/data` and this repository's own.
 * Run it after changing one of those: `node infra/local/example-parameters.js`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { main, say } from './console.js';
import { inRoot } from './paths.js';

const read = (/** @type {string[]} */ ...parts) => readFileSync(inRoot(...parts), 'utf8');

/**
 * The rows of a CSV file without quoted fields; numbers become numbers.
 * @param {string} name
 * @returns {Record<string, string | number>[]}
 */
function csv(name) {
  const [head = '', ...lines] = read('examples', 'data', name).trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((column, index) => [column, valueOf(cells[index] ?? '')]));
  });
}

/** @param {string} cell */
const valueOf = (cell) => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell);

const industries = [
  'construction',
  'manufacturing',
  'retail_trade',
  'financial_activities',
  'education_and_health_services',
];

/** @type {Record<string, () => object>} */
const makers = {
  'development-pipeline': () => ({
    objective: 'Build the retry policy of the engine',
    specification: read('examples', 'development-pipeline', 'specification.md'),
    files: ['packages/engine/src/retry.ts', 'packages/contracts/src/policies.ts'].map((path) => ({
      path,
      content: read(path),
    })),
    package_json: JSON.parse(read('package.json')),
    team_size: 3,
    start_date: '2026-01-05',
  }),
  'energy-report': () => ({
    state: 'Iowa',
    generation: csv('iowa-electricity.csv').map(({ year, source, net_generation }) => ({
      year: Number(String(year).slice(0, 4)),
      source,
      net_generation,
    })),
    settle_seconds: 2,
    warehouse_url: 'http://warehouse.invalid/reports/iowa',
    notify_url: 'http://notify.invalid/hooks/energy',
  }),
  'first-answer': () => {
    const capitals = JSON.parse(read('examples', 'data', 'us-state-capitals.json'));
    return { state: 'California', cache: capitals.slice(0, 10), directory: capitals, directory_seconds: 3 };
  },
  'rain-warning': () => ({
    city: 'Seattle',
    dry_below_mm: 25,
    wet_above_mm: 120,
    much_mm: 100,
    days: csv('seattle-weather.csv')
      .filter(({ date }) => String(date).startsWith('2015-'))
      .map(({ date, precipitation }) => ({ date, precipitation })),
  }),
  'recession-jobs': () => {
    const rows = csv('us-employment.csv').filter(({ month }) => String(month) <= '2010-12-01');
    return {
      from: '2007-12-01',
      to: '2009-06-01',
      months: rows.map(({ month }) => month),
      employment: Object.fromEntries(industries.map((name) => [name, rows.map((row) => row[name])])),
    };
  },
  'state-regions': () => ({
    most: 13,
    capitals: JSON.parse(read('examples', 'data', 'us-state-capitals.json')),
  }),
  'weather-report': () => ({
    city: 'Seattle',
    year: 2015,
    wet_above_mm: 1000,
    days: csv('seattle-weather.csv').filter(({ date }) => String(date).startsWith('2015-')),
  }),
};

await main(async () => {
  for (const [name, make] of Object.entries(makers)) {
    const file = inRoot('examples', name, 'parameters.json');
    const style = await resolveConfig(file);
    writeFileSync(file, await format(JSON.stringify(make()), { ...style, parser: 'json' }));
    say(file);
  }
});
