import {
  executionStatus,
  workflowStatus,
  type ExecutionResource,
  type WorkflowSummary,
} from '@millrace/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../render/table.js';
import { formatDuration, formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';

interface ListOptions {
  readonly search?: string;
  readonly tag?: string;
  readonly status?: string;
  readonly owner?: string;
  readonly workflow?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

export function addListCommand(program: Program): void {
  program.root
    .command('list [what]')
    .description('list "workflows" (default) or "executions", newest first')
    .option('--status <status>', 'active, archived …; of executions queued, running, failed …')
    .option('--owner <user>', 'of this user (administrators)')
    .option('--search <words>', 'workflows: full-text search')
    .option('--tag <tag>', 'workflows: with this tag')
    .option('--workflow <id>', 'executions: of this workflow')
    .option('--since <time>', 'executions: submitted at or after (RFC 3339 or a date)')
    .option('--until <time>', 'executions: submitted before')
    .option('-n, --limit <n>', 'at most so many', positive, 50)
    .action((what: string | undefined, options: ListOptions, command: Command) =>
      program.run(command, (context) => list(context, what ?? 'workflows', options)),
    );
}

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a positive number.');
  return value;
}

const MAX_PAGE = 200;

async function list(context: CommandContext, what: string, options: ListOptions): Promise<number> {
  switch (what) {
    case 'workflows':
      return listWorkflows(context, options);
    case 'executions':
      return listExecutions(context, options);
    default:
      throw new CliError(`Cannot list "${what}": write "workflows" or "executions"`);
  }
}

async function listWorkflows({ output, session }: CommandContext, options: ListOptions): Promise<number> {
  refuse(options, ['workflow', 'since', 'until'], 'workflows');
  const status = choice(workflowStatus.options, options.status);
  const { client } = await session();
  const { search, tag, owner, limit } = options;
  const query = { search, tag, owner, status, limit: Math.min(limit, MAX_PAGE) };
  const items = await take(client.workflows.listAll(query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else
    output.lines(
      table(['WORKFLOW', 'NAME', 'STATUS', 'VERSION', 'NODES', 'OWNER', 'UPDATED'], items.map(workflowRow)),
    );
  return EXIT.ok;
}

async function listExecutions({ output, session }: CommandContext, options: ListOptions): Promise<number> {
  refuse(options, ['search', 'tag'], 'executions');
  const status = choice(executionStatus.options, options.status);
  const { workflow, owner, limit } = options;
  const since = timestamp('--since', options.since);
  const until = timestamp('--until', options.until);
  const { client } = await session();
  const query = { workflow, status, owner, since, until, limit: Math.min(limit, MAX_PAGE) };
  const items = await take(client.executions.listAll(query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else
    output.lines(
      table(['EXECUTION', 'WORKFLOW', 'STATUS', 'STEPS', 'SUBMITTED', 'DURATION'], items.map(executionRow)),
    );
  return EXIT.ok;
}

function workflowRow(item: WorkflowSummary): string[] {
  const { id, name, status, version, node_count, owner, updated_at } = item;
  return [id, name, status, String(version), String(node_count), owner, formatTime(updated_at)];
}

function executionRow(item: ExecutionResource): string[] {
  const { execution_id, workflow_id, status, steps_completed, steps_total, created_at, duration_seconds } =
    item;
  const duration = duration_seconds === null ? '-' : formatDuration(duration_seconds * 1_000);
  return [
    execution_id,
    workflow_id,
    status,
    `${steps_completed}/${steps_total}`,
    formatTime(created_at),
    duration,
  ];
}

export async function take<T>(items: AsyncIterable<T>, limit: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length >= limit) break;
  }
  return taken;
}

function refuse(options: ListOptions, names: readonly (keyof ListOptions)[], what: string): void {
  const wrong = names.find((name) => options[name] !== undefined);
  if (wrong !== undefined) throw new CliError(`--${wrong} is no filter of ${what}`);
}

function choice<T extends string>(allowed: readonly T[], value: string | undefined): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw new CliError(`--status ${value}: it is one of ${allowed.join(', ')}`);
  return found;
}

/** What `Date` reads, as RFC 3339. */
export function timestamp(option: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time))
    throw new CliError(`${option} ${value}: write a time like 2026-01-31 or 2026-01-31T12:00:00Z`);
  return new Date(time).toISOString();
}
