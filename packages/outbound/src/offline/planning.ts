import type { JsonObject } from '@millrace/contracts';
import type { PlannedTask, TaskKind } from '../agents/planning.js';
import type { Requirement } from '../agents/requirement-engineering.js';
import { sortTopologically } from './graph.js';
import { findObjects, findText } from './input.js';
import { dependenciesOf } from './plan/dependencies.js';
import { itemsOfRequirements, readItems, type Reading } from './plan/items.js';
import { namesWork, phasesOf } from './plan/phases.js';
import { parseBlocks, sentencesOf, tidy } from './text/blocks.js';
import { kindOfWork, stripLeadIn, wordsOf } from './text/words.js';
import { configText, positiveInteger, type OfflineAgent } from './work.js';

/** Where the objective is looked for, in this order; see `input.ts` for what follows. */
const KEYS = [
  'objective',
  'goal',
  'task',
  'project',
  'specification',
  'spec',
  'description',
  'brief',
  'text',
  'prompt',
  'input',
];

const BASE_DAYS: Readonly<Record<TaskKind, number>> = {
  research: 1,
  design: 2,
  data: 2,
  implementation: 3,
  testing: 2,
  review: 0.5,
  documentation: 1,
  deployment: 1,
  coordination: 0.5,
};

const HARD =
  /\b(integrat\w*|migrat\w*|distributed|real-?time|secur\w*|encrypt\w*|payment\w*|concurren\w*|machine learning|legacy|compliance|scal\w+|synchroni\w*|offline|multi-\w+)\b/gi;
const LIGHT = /\b(simple|small|minor|rename|typo|label|text|copy|placeholder|basic|trivial)\b/gi;

function estimate(kind: TaskKind, text: string): number {
  const matches = (pattern: RegExp): number => new Set(text.toLowerCase().match(pattern) ?? []).size;
  const length = Math.floor(wordsOf(text).length / 20);
  const days =
    BASE_DAYS[kind] * (1 + 0.5 * matches(HARD)) * 0.5 ** Math.min(matches(LIGHT), 2) + 0.5 * length;
  return Math.min(20, Math.max(0.5, Math.round(days * 2) / 2));
}

function sizeOf(days: number): PlannedTask['size'] {
  if (days <= 1) return 'S';
  return days <= 3 ? 'M' : 'L';
}

type Statement = Pick<
  Requirement,
  'id' | 'statement' | 'goal' | 'actor' | 'category' | 'priority' | 'duplicate_of'
>;

function toStatement(object: JsonObject, index: number): Statement {
  const text = (key: string): string | null => (typeof object[key] === 'string' ? object[key] : null);
  const category = text('category');
  const priority = text('priority');
  return {
    id: text('id') ?? `REQ-${String(index + 1).padStart(3, '0')}`,
    statement: text('statement') ?? '',
    goal: text('goal'),
    actor: text('actor'),
    category:
      category === 'security' ||
      category === 'performance' ||
      category === 'usability' ||
      category === 'reliability' ||
      category === 'scalability' ||
      category === 'maintainability' ||
      category === 'compatibility' ||
      category === 'compliance'
        ? category
        : 'functional',
    priority: priority === 'should' || priority === 'could' || priority === 'wont' ? priority : 'must',
    duplicate_of: text('duplicate_of'),
  };
}

function objectiveOf(text: string): string {
  const blocks = parseBlocks(text);
  const lead = blocks.find(({ kind }) => kind === 'heading') ?? blocks[0];
  const [first = text] = lead?.kind === 'heading' ? [lead.text] : sentencesOf(lead?.text ?? text);
  return tidy(first).slice(0, 300);
}

/** Wraps the work that requirements ask for in the design before it and the checks and release after it. */
function readRequirements(statements: readonly Statement[], objective: string): Reading {
  const wanted = itemsOfRequirements(statements);
  const derived = (title: string): Reading['items'][number] => ({
    title,
    source: null,
    detail: `Derived from ${String(wanted.length)} requirements`,
    sequential: false,
    group: null,
  });
  const subject = objective === '' ? 'the system' : objective;
  return {
    items: [
      derived(`Design the architecture: ${subject}`),
      ...wanted,
      derived('Test the requirements end to end'),
      derived('Release to production'),
    ],
    relations: [],
  };
}

/**
 * Breaks an objective into ordered tasks: from extracted requirements where a predecessor found some, else from the
 * text's lists, else from its sentences; an objective that names one thing to do gets the usual course of that work.
 */
export const planning: OfflineAgent<'planning'> = ({ config, input, label }) => {
  const found = findText(input, KEYS, { instructions: configText(config, 'instructions'), label });
  const objective = objectiveOf(found.text);
  const statements = findObjects(
    input,
    ['requirements'],
    (item) => typeof item['statement'] === 'string' && item['statement'] !== '',
  ).map(toStatement);
  const notes: string[] = [];
  let reading: Reading =
    statements.length > 0
      ? readRequirements(statements, found.from === 'key' || found.from === 'input' ? objective : '')
      : readItems(found.text);
  if (statements.length > 0)
    notes.push(`Planned from ${String(statements.length)} requirements of the input.`);
  else if (reading.items.length < 2) {
    const [only] = reading.items;
    reading = { items: phasesOf(objective, stripLeadIn(only?.source ?? objective)), relations: [] };
    notes.push('The objective names one piece of work; its phases were derived.');
    if (!namesWork(found.text))
      notes.push('No verb of work was recognised; the phases are those of building something.');
  }
  if (found.from === 'label') notes.push('The input holds no text; only the name of the step was read.');
  const limit = positiveInteger(config, 'max_tasks', 100);
  if (reading.items.length > limit)
    notes.push(`${String(reading.items.length - limit)} tasks were left out (max_tasks).`);

  const nodes = reading.items
    .slice(0, limit)
    .map((item) => ({ item, kind: kindOfWork(item.title) ?? 'implementation' }));
  const relations = reading.relations.filter(({ before, after }) => before < limit && after < limit);
  const dependencies = dependenciesOf(nodes, relations);
  const tasks = nodes.map(({ item, kind }, index): PlannedTask => {
    const days = estimate(kind, `${item.title} ${item.source === null ? '' : item.detail}`);
    return {
      id: `T${String(index + 1)}`,
      title: item.title,
      description: item.group === null ? item.detail : `${item.group}: ${item.detail}`,
      kind,
      size: sizeOf(days),
      estimate_days: days,
      depends_on: (dependencies[index] ?? []).map((at) => `T${String(at + 1)}`),
      source: item.source,
    };
  });
  const { order, levels } = sortTopologically(tasks);
  const total = tasks.reduce((sum, task) => sum + task.estimate_days, 0);
  return { objective, tasks, order, parallel_groups: levels, total_estimate_days: total, notes };
};
