import type { AgentResults } from '../../agents/outputs.js';
import type { AgentType } from '../../agents/types.js';

/** A rule that every good result keeps, whatever the input; `problem` is null where it is kept. */
export interface Check {
  readonly rule: string;
  readonly problem: string | null;
}

function check(rule: string, offenders: readonly string[]): Check {
  return { rule, problem: offenders.length === 0 ? null : offenders.slice(0, 10).join('; ') };
}

/** Ids that stand in the order before something they depend on. */
function early(
  order: readonly string[],
  tasks: readonly { id: string; depends_on: readonly string[] }[],
): string[] {
  const place = new Map(order.map((id, index) => [id, index]));
  const at = (id: string): number => place.get(id) ?? -1;
  return tasks.flatMap(({ id, depends_on }) =>
    depends_on.filter((before) => at(before) >= at(id)).map((before) => `${id} comes before ${before}`),
  );
}

function sameNumbers(name: string, said: number, counted: number): string[] {
  return Math.abs(said - counted) < 1e-6
    ? []
    : [`${name} says ${String(said)}, there are ${String(counted)}`];
}

function unknownOf(ids: readonly string[], known: readonly string[]): string[] {
  const all = new Set(known);
  return ids.filter((id) => !all.has(id)).map((id) => `${id} is unknown`);
}

function repeated(ids: readonly string[]): string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is there twice`);
}

export const CHECKS: { readonly [Type in AgentType]: (result: AgentResults[Type]) => Check[] } = {
  planning({ tasks, order, parallel_groups: groups, total_estimate_days: total }) {
    const ids = tasks.map(({ id }) => id);
    const days = tasks.reduce((sum, task) => sum + task.estimate_days, 0);
    return [
      check('Every task stands once in the order', [
        ...repeated(order),
        ...unknownOf(order, ids),
        ...unknownOf(ids, order),
      ]),
      check('Nothing comes before what it depends on', early(order, tasks)),
      check('Every task is in one parallel group', [
        ...repeated(groups.flat()),
        ...unknownOf(ids, groups.flat()),
      ]),
      check('The estimates add up', sameNumbers('total_estimate_days', total, days)),
    ];
  },
  code_generation({ files, entities, functions }) {
    const text = files.map(({ content }) => content).join('\n');
    const names = [...entities, ...functions].map(({ name }) => name);
    return [
      check(
        'Every file has content',
        files.filter(({ content }) => content.trim() === '').map(({ path }) => path),
      ),
      check('Every path is there once', repeated(files.map(({ path }) => path))),
      check(
        'Every name is in the files',
        names.filter((name) => !text.includes(name)).map((name) => `${name} is missing`),
      ),
    ];
  },
  testing({ files, targets, summary }) {
    const cases = targets.reduce((sum, target) => sum + target.cases.length, 0);
    const sources = files.map(({ source_path }) => source_path);
    return [
      check(
        'Every target has a case',
        targets.filter((target) => target.cases.length === 0).map(({ name }) => name),
      ),
      check(
        'Every target has a test file',
        unknownOf([...new Set(targets.map(({ path }) => path))], sources),
      ),
      check('The summary counts right', [
        ...sameNumbers('targets', summary.targets, targets.length),
        ...sameNumbers('cases', summary.cases, cases),
      ]),
    ];
  },
  code_review({ findings, metrics, summary, verdict }) {
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const expected = metrics.length === 0 ? 'nothing_to_review' : errors > 0 ? 'request_changes' : verdict;
    return [
      check(
        'Every finding is in a reviewed file',
        unknownOf(
          [...new Set(findings.map(({ path }) => path))],
          metrics.map(({ path }) => path),
        ),
      ),
      check('The summary counts right', [
        ...sameNumbers('files', summary.files, metrics.length),
        ...(summary.findings > findings.length ? [] : sameNumbers('errors', summary.errors, errors)),
      ]),
      check(
        'The verdict follows from the findings',
        expected === verdict ? [] : [`it is ${verdict}, not ${expected}`],
      ),
    ];
  },
  ci_cd({ ecosystems, stages, pipeline }) {
    const ids = stages.map(({ id }) => id);
    return [
      check(
        'Every stage needs stages that there are',
        unknownOf(
          stages.flatMap(({ needs }) => needs),
          ids,
        ),
      ),
      check(
        'Every stage comes after what it needs',
        early(
          ids,
          stages.map(({ id, needs }) => ({ id, depends_on: needs })),
        ),
      ),
      check(
        'There is a pipeline where there is a manifest',
        ecosystems.length > 0 === (pipeline.content !== '') ? [] : ['content'],
      ),
    ];
  },
  requirement_engineering({ requirements, summary }) {
    const ids = requirements.map(({ id }) => id);
    const duplicates = requirements.flatMap(({ duplicate_of: of }) => of ?? []);
    const must = requirements.filter(({ priority }) => priority === 'must').length;
    return [
      check('Every id is there once', repeated(ids)),
      check('Duplicates point to requirements', unknownOf(duplicates, ids)),
      check('The summary counts right', [
        ...sameNumbers('total', summary.total, requirements.length),
        ...sameNumbers('must', summary.must, must),
        ...sameNumbers('duplicates', summary.duplicates, duplicates.length),
      ]),
    ];
  },
  program_manager({ tasks, critical_path: path, duration_days: duration }) {
    const ids = tasks.map(({ id }) => id);
    const byId = new Map(tasks.map((task) => [task.id, task]));
    const length = path.reduce((sum, id) => sum + (byId.get(id)?.duration_days ?? 0), 0);
    const overlaps = tasks.flatMap((task) =>
      task.depends_on
        .filter((before) => (byId.get(before)?.planned_finish ?? 0) > task.planned_start + 1e-6)
        .map((before) => `${task.id} starts before ${before} ends`),
    );
    return [
      check('The critical path is made of tasks', unknownOf(path, ids)),
      check(
        'The critical path is as long as the schedule',
        sameNumbers('duration_days', duration, Math.round(length * 1e6) / 1e6),
      ),
      check('Nothing starts before what it depends on has ended', overlaps),
    ];
  },
};
