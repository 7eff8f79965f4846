import { type ApprovalResource, decision } from '@millrace/contracts';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { parseValue } from '../parameters.js';
import { table } from '../render/table.js';
import { formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';
import { positive, take } from './list.js';

interface ListOptions {
  readonly workflow?: string;
  readonly execution?: string;
  readonly decided?: boolean;
  readonly all?: boolean;
  readonly limit: number;
}

interface DecideOptions {
  readonly comment?: string;
  readonly output?: string;
}

interface EventOptions {
  readonly key?: string;
  readonly payload?: string;
  readonly ttl?: number;
  readonly id?: string;
  readonly owner?: string;
}

const MAX_PAGE = 200;

/** Answers to what executions wait for: people's and other systems'. */
export function addWaitCommands(program: Program): void {
  const approvals = program.root.command('approvals').description('what waits for a decision');
  approvals
    .command('list', { isDefault: true })
    .description('open approvals, newest first')
    .option('--workflow <id>', 'of this workflow')
    .option('--execution <id>', 'of this execution')
    .option('--decided', 'those that are over instead')
    .option('--all', 'both')
    .option('-n, --limit <n>', 'at most so many', positive, 50)
    .action((options: ListOptions, command: Command) =>
      program.run(command, (context) => list(context, options)),
    );
  approvals
    .command('decide <approval> <decision>')
    .description('approve or reject; of a verdict retry, fail or succeed')
    .option('--comment <text>', 'kept with the decision')
    .option('--output <json|text>', 'goes along; with succeed it is the output of the step')
    .action((id: string, given: string, options: DecideOptions, command: Command) =>
      program.run(command, (context) => decide(context, id, given, options)),
    );
  program.root
    .command('send-event <name>')
    .description('send an external event to the executions that wait for it')
    .option('--key <text>', 'which of that name; empty without it')
    .option('--payload <json|text>', 'output of the steps that waited; null without it')
    .option('--ttl <seconds>', 'keep it so long when nobody waits yet; a day without it', wholeSeconds)
    .option('--id <id>', 'the same id is one event, however often it is sent; a new one without it')
    .option('--owner <user>', 'to the executions of this user (administrators)')
    .action((name: string, options: EventOptions, command: Command) =>
      program.run(command, (context) => sendEvent(context, name, options)),
    );
}

function wholeSeconds(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new CliError(`--ttl ${text}: write whole seconds`);
  return value;
}

async function list({ output, session }: CommandContext, options: ListOptions): Promise<number> {
  const { workflow, execution, limit, decided = false, all = false } = options;
  const { client } = await session();
  const status = decided ? ('decided' as const) : ('open' as const);
  const query = {
    ...{ workflow, execution, limit: Math.min(limit, MAX_PAGE) },
    ...(!all && { status }),
  };
  const items = await take(client.approvals.listAll(query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else output.lines(table(['APPROVAL', 'WORKFLOW', 'STEP', 'STATUS', 'ASKED', 'MESSAGE'], items.map(row)));
  return EXIT.ok;
}

function row(item: ApprovalResource): string[] {
  const approvals = item.decisions.filter((each) => each.decision === 'approve').length;
  const progress = item.status === 'open' && item.required > 1 ? ` ${approvals}/${item.required}` : '';
  const mine = item.may_decide ? '' : item.status === 'open' ? ' (not yours to decide)' : '';
  const step = item.iteration === null ? item.step_id : `${item.step_id}[${item.iteration}]`;
  return [
    item.approval_id,
    item.workflow_name,
    step,
    `${item.status}${progress}${mine}`,
    formatTime(item.requested_at),
    item.message,
  ];
}

async function decide(
  { output, session }: CommandContext,
  id: string,
  given: string,
  options: DecideOptions,
): Promise<number> {
  const checked = decision.safeParse(given);
  if (!checked.success) {
    throw new CliError(`Cannot decide "${given}": it is one of ${decision.options.join(', ')}`);
  }
  const { client } = await session();
  const approval = await client.approvals.decide(id, {
    decision: checked.data,
    ...(options.comment !== undefined && { comment: options.comment }),
    ...(options.output !== undefined && { output: parseValue(options.output) }),
  });
  if (output.json) output.document(approval);
  else if (approval.status === 'open') {
    const { required, decisions } = approval;
    output.line(`open  ${id}  ${String(decisions.length)} of ${String(required)} approvals are there`);
  } else output.line(`${approval.status}  ${id}`);
  return EXIT.ok;
}

async function sendEvent(
  { output, session }: CommandContext,
  name: string,
  options: EventOptions,
): Promise<number> {
  const { key, payload, ttl, id = randomUUID(), owner } = options;
  const { client } = await session();
  const sent = await client.events.send({
    name,
    id,
    ...(key !== undefined && { key }),
    ...(payload !== undefined && { payload: parseValue(payload) }),
    ...(ttl !== undefined && { ttl_seconds: ttl }),
    ...(owner !== undefined && { owner }),
  });
  if (output.json) output.document(sent);
  else if (sent.delivered > 0) output.line(`delivered  ${sent.event_id}  to ${String(sent.delivered)} steps`);
  else if (sent.kept) output.line(`kept  ${sent.event_id}  nobody waits for it yet`);
  else output.line(`dropped  ${sent.event_id}  nobody waits for it`);
  return EXIT.ok;
}
