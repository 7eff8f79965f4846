/** The examples run on the real worker; what they must answer is computed here, from the raw data, without the engine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { definition, jsonObject, type JsonObject } from '@millrace/contracts';
import { compile } from '@millrace/engine';
import type { StoredEvent } from '@millrace/persistence';
import { createScheduler, createSchedulerMetrics } from '@millrace/scheduler';
import { createMetrics, type Lifecycle, type Metrics } from '@millrace/service-kit';
import { expect } from 'chai';
import * as z from 'zod';
import { type Example, readExamples } from '../../infra/local/example-files.js';
import { type Engine, silentLog, startEngine } from '../support/engine.js';

const root = path.resolve(import.meta.dirname, '../..');
const data = (name: string): string => readFileSync(path.join(root, 'examples', 'data', name), 'utf8');
const published = (name: string): string =>
  readFileSync(path.join(root, 'node_modules', 'vega-datasets', 'data', name), 'utf8');

const examples = new Map((await readExamples()).map((example) => [example.id, example]));

function example(id: string): Example {
  const found = examples.get(id);
  if (found === undefined) throw new Error(`there is no example ${id}`);
  return found;
}

/** A definition as the engine takes it: the id is the platform's business. */
function graphOf({ definition: { id: _, ...rest } }: Example): z.output<typeof definition> {
  return definition.parse(rest);
}

/** The rows of a CSV file, cells as text. */
function rows(name: string): Record<string, string>[] {
  const [head = '', ...lines] = data(name).trim().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
  });
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
const mean = (numbers: number[]): number => sum(numbers) / numbers.length;
/** Half of the last digit that the examples round to. */
const rounding = 0.0501;

const stepsWith = (events: StoredEvent[], type: string): string[] =>
  events.filter((event) => event.type === type).map((event) => String(event.data['step_id']));
const outputOf = (events: StoredEvent[], step: string): unknown =>
  events.find((event) => event.type === 'step_completed' && event.data['step_id'] === step)?.data['output'];

describe('examples', () => {
  describe('as files', () => {
    it('are there, with stable ids', () => {
      expect([...examples.keys()]).to.include.members([
        'example-development-pipeline',
        'example-energy-report',
        'example-first-answer',
        'example-rain-warning',
        'example-recession-jobs',
        'example-state-regions',
        'example-weather-report',
      ]);
    });

    it('take their data unchanged from the published package', () => {
      for (const name of [
        'seattle-weather.csv',
        'iowa-electricity.csv',
        'us-employment.csv',
        'us-state-capitals.json',
      ])
        expect(data(name), name).to.equal(published(name));
    });

    for (const { id, definition: raw } of examples.values()) {
      it(`${id} is a valid definition, with a schema for its parameters`, () => {
        const graph = graphOf(example(id));
        const compiled = compile(graph);

        expect(compiled.ok ? [] : compiled.problems).to.deep.equal([]);
        expect(graph.parameters_schema).to.have.property('type', 'object');
        expect(raw['id']).to.match(/^example-[a-z-]+$/);
        expect(`${id}-user`.length).to.be.at.most(64);
      });
    }
  });

  describe('as executions', function () {
    this.timeout(120_000);
    let engine: Engine;
    let scheduler: Lifecycle;
    let metrics: Metrics;
    before(async () => {
      engine = await startEngine();
      await engine.startWorker();
      metrics = createMetrics('scheduler');
      const { runtime, messaging } = engine;
      const { queue, events } = messaging;
      scheduler = createScheduler({
        ...{ runtime, queue, events, log: silentLog },
        metrics: createSchedulerMetrics(metrics, { sweeps: runtime.sweeps, queue }),
      });
      await scheduler.start();
    });
    after(async () => {
      await scheduler.stop();
      metrics.stop();
      await engine.stop();
    });

    async function run(
      id: string,
      changes: JsonObject = {},
    ): Promise<{ events: StoredEvent[]; output: unknown }> {
      const one = example(id);
      const workflow = await engine.createWorkflow(graphOf(one));
      const parameters = { ...jsonObject.parse(one.parameters), ...changes };
      const events = await engine.finished(await engine.submit(workflow, parameters), 60_000);
      const last = events.at(-1);
      expect(last?.type, JSON.stringify(last?.data)).to.equal('completed');
      const output = last?.data['output'];
      return { events, output };
    }

    describe('weather report', () => {
      const days = rows('seattle-weather.csv').filter(({ date }) => date?.startsWith('2015-'));
      const number = (column: string, among = days): number[] => among.map((day) => Number(day[column]));
      const shape = z.object({
        summary: z.string(),
        rain_mm: z.number(),
        extremes: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()]))),
        months: z.array(z.record(z.string(), z.number())),
      });

      it('holds the table, the extremes and the verdict of the raw data', async () => {
        const report = shape.parse((await run('example-weather-report')).output);

        expect(report.rain_mm).to.be.closeTo(sum(number('precipitation')), rounding);
        expect(report.months).to.have.length(12);
        for (const [at, month] of report.months.entries()) {
          const own = days.filter(({ date }) => Number(date?.slice(5, 7)) === at + 1);
          expect(month['month']).to.equal(at + 1);
          expect(month['days']).to.equal(own.length);
          expect(month['rain_mm']).to.be.closeTo(sum(number('precipitation', own)), rounding);
          expect(month['wet_days']).to.equal(number('precipitation', own).filter((mm) => mm > 0).length);
          expect(month['mean_high']).to.be.closeTo(mean(number('temp_max', own)), rounding);
          expect(month['mean_low']).to.be.closeTo(mean(number('temp_min', own)), rounding);
        }
        expect(report.extremes['hottest']?.['temp_max']).to.equal(Math.max(...number('temp_max')));
        expect(report.extremes['coldest']?.['temp_min']).to.equal(Math.min(...number('temp_min')));
        expect(report.extremes['wettest']?.['precipitation']).to.equal(Math.max(...number('precipitation')));
        expect(report.summary).to.contain(sum(number('precipitation')) > 1000 ? 'a wet year' : 'a dry year');
      });

      it('takes the other branch for another threshold', async () => {
        const { events, output } = await run('example-weather-report', {
          wet_above_mm: Math.ceil(sum(number('precipitation'))),
        });

        expect(stepsWith(events, 'step_skipped')).to.deep.equal(['wet']);
        expect(shape.parse(output).summary).to.contain('a dry year');
      });
    });

    it('recession jobs: ranks the industries by their loss', async () => {
      const months = rows('us-employment.csv');
      const at = (month: string, industry: string): number =>
        Number(months.find((row) => row['month'] === month)?.[industry]);
      const industries = [
        'construction',
        'manufacturing',
        'retail_trade',
        'financial_activities',
        'education_and_health_services',
      ];
      const expected = industries
        .map((industry) => ({
          industry,
          before: at('2007-12-01', industry),
          after: at('2009-06-01', industry),
        }))
        .toSorted((a, b) => a.after / a.before - b.after / b.before);

      const { output } = await run('example-recession-jobs');

      const { ranking, ...rest } = z
        .object({
          ranking: z.array(
            z.object({ industry: z.string(), before: z.number(), after: z.number(), percent: z.number() }),
          ),
          hardest_hit: z.string(),
          growing: z.array(z.string()),
          lost_thousands: z.number(),
        })
        .parse(output);
      expect(ranking.map(({ industry, before, after }) => ({ industry, before, after }))).to.deep.equal(
        expected,
      );
      for (const { percent, before, after } of ranking)
        expect(percent).to.be.closeTo(((after - before) / before) * 100, rounding);
      expect(rest.hardest_hit).to.equal(expected[0]?.industry);
      expect(rest.growing).to.have.members(
        expected.filter(({ before, after }) => after > before).map(({ industry }) => industry),
      );
      expect(rest.lost_thousands).to.be.closeTo(
        sum(expected.map(({ before, after }) => before - after)),
        rounding,
      );
    });

    it('energy report: survives both receivers that cannot be reached', async () => {
      const generation = rows('iowa-electricity.csv').map((row) => ({
        year: Number(row['year']?.slice(0, 4)),
        source: row['source'],
        megawatts: Number(row['net_generation']),
      }));
      const years = [...new Set(generation.map(({ year }) => year))];
      const megawatts = (wanted: number, source?: string): number =>
        sum(
          generation
            .filter((row) => row.year === wanted && (source === undefined || row.source === source))
            .map((row) => row.megawatts),
        );

      const { events, output } = await run('example-energy-report');

      const entry = z.object({ year: z.number(), renewable_percent: z.number() });
      const report = z
        .object({
          best: entry,
          stored_in: z.string(),
          reason: z.string().nullable(),
          subscribers_told: z.boolean(),
          years: z.array(entry),
        })
        .parse(output);
      expect(report.years.map(({ year }) => year)).to.deep.equal(years);
      for (const { year, renewable_percent: percent } of report.years)
        expect(percent).to.be.closeTo((100 * megawatts(year, 'Renewables')) / megawatts(year), rounding);
      expect(report.best.renewable_percent).to.equal(
        Math.max(...report.years.map(({ renewable_percent: percent }) => percent)),
      );
      expect(report).to.include({ stored_in: 'execution', reason: 'dns_failed', subscribers_told: false });
      expect(stepsWith(events, 'step_retrying')).to.deep.equal(['publish']);
      expect(stepsWith(events, 'step_failed')).to.have.members(['publish', 'notify']);
      expect(stepsWith(events, 'step_skipped')).to.deep.equal(['published']);
    });

    describe('rain warning', () => {
      const days = rows('seattle-weather.csv').filter(({ date }) => date?.startsWith('2015-'));
      const rain = days.map((day) => Number(day['precipitation']));
      const monthly = Array.from({ length: 12 }, (_, month) =>
        sum(rain.filter((_mm, at) => Number(days[at]?.['date']?.slice(5, 7)) === month + 1)),
      );
      const most = (length: number): number =>
        Math.max(
          ...rain.map((_mm, at) => (at + length > rain.length ? 0 : sum(rain.slice(at, at + length)))),
        );
      const fewest = (mm: number): number => {
        for (let length = 1; ; length += 1) if (most(length) >= mm) return length;
      };
      const shape = z.object({
        warned: z.boolean(),
        decided_by: z.array(z.string()),
        corrected: z.boolean(),
        wet_months: z.array(z.number()),
        flood: z.object({ mm: z.number(), days: z.number() }),
        months: z.array(z.object({ month: z.number(), rain_mm: z.number(), kind: z.string() })),
      });

      it('sorts the months, finds the shortest flood and warns when nobody objects', async () => {
        const { events, output } = await run('example-rain-warning');

        const report = shape.parse(output);
        expect(report.months.map(({ month }) => month)).to.deep.equal(monthly.map((_, at) => at + 1));
        for (const { month, rain_mm: mm, kind } of report.months) {
          const expected = monthly[month - 1] ?? 0;
          expect(mm).to.be.closeTo(expected, rounding);
          expect(kind).to.equal(mm < 25 ? 'dry' : mm > 120 ? 'wet' : 'moderate');
        }
        expect(report.wet_months).to.deep.equal(
          report.months.filter(({ kind }) => kind === 'wet').map(({ month }) => month),
        );
        expect(report.flood.days).to.equal(fewest(100));
        expect(report.flood.mm).to.be.closeTo(most(fewest(100)), rounding);
        expect(report).to.deep.include({ warned: true, decided_by: [], corrected: false });
        expect(stepsWith(events, 'step_iterating')).to.have.length(fewest(100) - 1);
      });

      it('says why there is no warning', async () => {
        const one = example('example-rain-warning');
        const workflow = await engine.createWorkflow(graphOf(one));
        const days = [{ date: 'never', precipitation: 'none' }];
        const events = await engine.finished(
          await engine.submit(workflow, { city: 'Seattle', days }),
          60_000,
        );

        expect(events.at(-1)).to.have.property('type', 'failed');
        expect(JSON.stringify(outputOf(events, 'explain'))).to.contain('No warning for Seattle');
      });
    });

    it('state regions: cuts the capitals until they are few, and visits each once', async () => {
      const capitals = z
        .array(z.object({ city: z.string() }))
        .parse(JSON.parse(data('us-state-capitals.json')))
        .map(({ city }) => city);

      const { output } = await run('example-state-regions');

      const report = z
        .object({
          regions: z.array(z.object({ cities: z.array(z.string()), kilometres: z.number() })),
          kilometres: z.number(),
        })
        .parse(output);
      expect(report.regions.flatMap(({ cities }) => cities)).to.have.members(capitals);
      expect(report.regions.map(({ cities }) => cities.length)).to.deep.equal([13, 12, 13, 12]);
      expect(report.kilometres).to.equal(sum(report.regions.map(({ kilometres }) => kilometres)));
      // The whole, two halves, four quarters.
      const {
        rows: [count],
      } = await engine.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM children');
      expect(count?.n).to.equal(6);
    });

    describe('first answer', () => {
      const capitals = z
        .array(z.object({ state: z.string(), city: z.string() }))
        .parse(JSON.parse(data('us-state-capitals.json')));
      const capitalOf = (wanted: string): string | undefined =>
        capitals.find(({ state }) => state === wanted)?.city;

      it('is the one of the cache, and the directory is given up', async () => {
        const { events, output } = await run('example-first-answer', { directory_seconds: 30 });

        expect(output).to.deep.equal({
          text: `The capital of California is ${capitalOf('California') ?? ''}.`,
          city: capitalOf('California'),
          from: 'cache',
        });
        expect([
          ...stepsWith(events, 'step_discarded'),
          ...stepsWith(events, 'step_skipped'),
        ]).to.include.members(['directory', 'from_directory']);
      });

      it('is the one of the directory where the cache has none', async () => {
        const { events, output } = await run('example-first-answer', {
          state: 'Wyoming',
          directory_seconds: 1,
        });

        expect(output).to.include({ city: capitalOf('Wyoming'), from: 'directory' });
        expect(stepsWith(events, 'step_skipped')).to.deep.equal(['from_cache']);
      });
    });

    it('development pipeline: seven agents work on the real specification, sources and manifest', async () => {
      const { parameters } = example('example-development-pipeline');
      const {
        specification,
        files,
        package_json: manifest,
        team_size: team,
      } = z
        .object({
          specification: z.string(),
          files: z.array(z.object({ path: z.string(), content: z.string() })),
          package_json: z.object({ scripts: z.record(z.string(), z.string()) }),
          team_size: z.number(),
        })
        .parse(parameters);
      // One requirement for each story and each item of the section; none has two sentences.
      const section = (title: string): string[] =>
        (specification.split(`## ${title}\n`)[1] ?? '')
          .split('\n## ')[0]
          ?.split('\n')
          .filter((line) => line.startsWith('- ')) ?? [];

      const { events, output } = await run('example-development-pipeline');

      expect(stepsWith(events, 'step_completed').filter((step) => step !== 'handover')).to.have.members([
        ...['requirements', 'planning', 'code', 'testing', 'review', 'pipeline', 'schedule'],
      ]);
      const started = events.filter(({ type }) => type === 'step_started' || type === 'step_completed');
      const order = started.map(({ type, data: { step_id: step } }) => `${type} ${String(step)}`);
      for (const one of ['testing', 'review'])
        for (const other of ['testing', 'review'])
          expect(order.indexOf(`step_started ${one}`)).to.be.below(order.indexOf(`step_completed ${other}`));

      const requirements = z
        .object({ requirements: z.array(z.object({ statement: z.string() })) })
        .parse(outputOf(events, 'requirements')).requirements;
      const bullets = [...section('Stories'), ...section('Requirements')].map((line) => line.slice(2));
      const modal = bullets.filter((line) => /\b(must|should|could|will|may|want)\b/.test(line));
      expect(requirements.map(({ statement }) => statement)).to.include.members(modal);

      const { tasks } = z
        .object({
          tasks: z.array(
            z.object({ id: z.string(), estimate_days: z.number(), depends_on: z.array(z.string()) }),
          ),
        })
        .parse(outputOf(events, 'planning'));
      const schedule = z
        .object({
          duration_days: z.number(),
          team_size: z.number(),
          critical_path: z.array(z.string()),
          planned_duration_days: z.number(),
        })
        .parse(outputOf(events, 'schedule'));
      expect(schedule.team_size).to.equal(team);
      expect(schedule.duration_days).to.equal(longestChain(tasks));
      expect(schedule.planned_duration_days).to.be.at.least(
        Math.max(longestChain(tasks), sum(tasks.map(({ estimate_days: days }) => days)) / team),
      );

      const tests = z
        .object({ targets: z.array(z.object({ path: z.string(), name: z.string() })) })
        .parse(outputOf(events, 'testing'));
      const exported = files.flatMap(({ path: file, content }) =>
        [...content.matchAll(/^export (?:async )?function (\w+)/gm)].map(
          ([, name]) => `${file} ${name ?? ''}`,
        ),
      );
      expect(tests.targets.map((target) => `${target.path} ${target.name}`)).to.include.members(exported);

      const review = z
        .object({ metrics: z.array(z.object({ path: z.string(), lines: z.number() })) })
        .parse(outputOf(events, 'review'));
      expect(review.metrics.map(({ path: file }) => file)).to.include.members(files.map((file) => file.path));

      const pipeline = z
        .object({ stages: z.array(z.object({ id: z.string(), commands: z.array(z.string()) })) })
        .parse(outputOf(events, 'pipeline'));
      expect(pipeline.stages.flatMap(({ commands }) => commands)).to.include.members(
        ['lint', 'typecheck', 'build']
          .filter((name) => name in manifest.scripts)
          .map((name) => `npm run ${name}`),
      );

      expect(output).to.deep.include({
        requirements: requirements.length,
        tasks: tasks.length,
        stages: pipeline.stages.map(({ id }) => id),
        critical_path: schedule.critical_path,
      });
    });
  });
});

/** Days of the longest chain of tasks that wait for each other. */
function longestChain(tasks: { id: string; estimate_days: number; depends_on: string[] }[]): number {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const finish = (id: string): number => {
    const task = byId.get(id);
    return task === undefined ? 0 : task.estimate_days + Math.max(0, ...task.depends_on.map(finish));
  };
  return Math.max(...tasks.map(({ id }) => finish(id)));
}
