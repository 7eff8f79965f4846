import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { findObjects, stringField } from '../input.js';

/** A task as the schedule needs it. */
export interface InputTask {
  readonly id: string;
  readonly title: string;
  readonly duration: number;
  /** False when the input gave no duration and a default was taken. */
  readonly estimated: boolean;
  readonly depends_on: string[];
}

const LIST_KEYS = ['tasks', 'activities', 'work_packages', 'milestones', 'steps', 'items'];
const ID_KEYS = ['id', 'task_id', 'key', 'code'];
const TITLE_KEYS = ['title', 'name', 'task', 'label', 'summary', 'description'];
const DEPENDENCY_KEYS = [
  'depends_on',
  'dependsOn',
  'dependencies',
  'predecessors',
  'after',
  'requires',
  'blocked_by',
];
const DURATION_KEYS = [
  'duration_days',
  'estimate_days',
  'duration',
  'days',
  'estimate',
  'effort',
  'effort_days',
  'estimated_days',
];
const SIZES: Readonly<Record<string, number>> = { xs: 0.5, s: 1, m: 3, l: 5, xl: 10 };

function isTask(item: JsonObject): boolean {
  return stringField(item, [...TITLE_KEYS, ...ID_KEYS]) !== undefined || typeof item['id'] === 'number';
}

function looksScheduled(item: JsonObject): boolean {
  return isTask(item) && [...DEPENDENCY_KEYS, ...DURATION_KEYS].some((key) => key in item);
}

/** Days; hours are eighths of a day, weeks five. */
function parseDuration(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*(h|hours?|d|days?|w|weeks?|months?)?\s*$/i.exec(value);
  if (!match) return SIZES[value.trim().toLowerCase()];
  const amount = Number((match[1] ?? '').replace(',', '.'));
  const unit = (match[2] ?? 'd').toLowerCase();
  if (unit.startsWith('h')) return amount / 8;
  if (unit.startsWith('w')) return amount * 5;
  return unit.startsWith('m') ? amount * 21 : amount;
}

function durationOf(item: JsonObject): number | undefined {
  for (const key of DURATION_KEYS) {
    const duration = parseDuration(item[key]);
    if (duration !== undefined) return duration;
  }
  const hours = item['estimate_hours'] ?? item['duration_hours'] ?? item['hours'];
  if (typeof hours === 'number' && hours >= 0) return hours / 8;
  return parseDuration(typeof item['size'] === 'string' ? item['size'] : undefined);
}

function idsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'string') return value.split(/[,;]\s*|\s+/).filter((part) => part !== '');
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    if (typeof item === 'string') return [item];
    if (typeof item === 'number') return [String(item)];
    return isJsonObject(item) ? [stringField(item, ID_KEYS) ?? ''] : [];
  });
}

function idOf(item: JsonObject, index: number): string {
  return (
    stringField(item, ID_KEYS) ??
    (typeof item['id'] === 'number' ? String(item['id']) : `T${String(index + 1)}`)
  );
}

export interface FoundTasks {
  readonly tasks: InputTask[];
  readonly duplicates: string[];
  /** `task -> unknown dependency`, left out of the schedule. */
  readonly unknown: string[];
}

/**
 * The tasks of an input: the list under `tasks` (or a word like it), else the first list whose objects have
 * durations or dependencies. A dependency may name an id or a title; one day where no duration is given.
 */
export function findTasks(input: JsonValue): FoundTasks {
  const listed = findObjects(input, LIST_KEYS, looksScheduled);
  const objects = listed.length > 0 ? listed : findObjects(input, LIST_KEYS.slice(0, 1), isTask);
  const tasks: InputTask[] = [];
  const duplicates: string[] = [];
  const seen = new Set<string>();
  const unknown: string[] = [];
  const byTitle = new Map(
    objects.map((item, index) => [(stringField(item, TITLE_KEYS) ?? '').toLowerCase(), idOf(item, index)]),
  );
  const ids = new Set(objects.map(idOf));
  objects.forEach((item, index) => {
    const id = idOf(item, index);
    if (seen.has(id)) {
      duplicates.push(id);
      return;
    }
    seen.add(id);
    const given = durationOf(item);
    const named = DEPENDENCY_KEYS.flatMap((key) => {
      const whole = item[key];
      if (typeof whole === 'string' && (ids.has(whole) || byTitle.has(whole.toLowerCase()))) return [whole];
      return idsOf(whole);
    });
    const depends = named.flatMap((name) => {
      const known = ids.has(name) ? name : byTitle.get(name.toLowerCase());
      if (known === undefined) unknown.push(`${id} -> ${name}`);
      return known === undefined ? [] : [known];
    });
    tasks.push({
      id,
      title: stringField(item, TITLE_KEYS) ?? id,
      duration: given ?? 1,
      estimated: given !== undefined,
      depends_on: [...new Set(depends)],
    });
  });
  return { tasks, duplicates, unknown };
}
