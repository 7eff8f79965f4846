import type { BulkResponse, DeadLetter } from '@millrace/contracts';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../render/table.js';
import { truncate } from '../render/text.js';
import { formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';
import { positive, take, timestamp } from './list.js';

interface DeadLetterOptions {
  readonly workflow?: string;
  readonly owner?: string;
  readonly since?: string;
  readonly latest?: boolean;
  readonly limit?: number;
}

const ACTIONS = ['list', 'redrive', 'discard'] as const;
const MESSAGE_COLUMNS = 60;
const MAX_PAGE = 200;

export function addDeadLettersCommand(program: Program): void {
  program.root
    .command('dead-letters [action] [fingerprint]')
    .description(
      'failures that nobody has dealt with, by cause: "list" (default), "redrive" or "discard" one',
    )
    .option('--workflow <id>', 'list: of this workflow')
    .option('--owner <user>', 'list: of this user (administrators)')
    .option('--since <time>', 'list: failed at or after (RFC 3339 or a date)')
    .option('--latest', 'redrive: on the newest version of the workflow')
    .option('-n, --limit <n>', 'at most so many groups, or executions to redrive', positive)
    .action(
      (
        action: string | undefined,
        fingerprint: string | undefined,
        options: DeadLetterOptions,
        command: Command,
      ) => program.run(command, (context) => run(context, action ?? 'list', fingerprint, options)),
    );
}

async function run(
  context: CommandContext,
  action: string,
  fingerprint: string | undefined,
  options: DeadLetterOptions,
): Promise<number> {
  if (action === 'list') return list(context, options);
  if (action !== 'redrive' && action !== 'discard') {
    throw new CliError(`Cannot "${action}" dead letters: write ${ACTIONS.join(', ')}`);
  }
  if (fingerprint === undefined) {
    throw new CliError(`Which ones? Write millrace dead-letters ${action} <fingerprint>`);
  }
  return action === 'redrive' ? redrive(context, fingerprint, options) : discard(context, fingerprint);
}

async function list({ output, session }: CommandContext, options: DeadLetterOptions): Promise<number> {
  const { workflow, owner, limit = 50 } = options;
  const since = timestamp('--since', options.since);
  const { client } = await session();
  const query = { workflow, owner, since, limit: Math.min(limit, MAX_PAGE) };
  const items = await take(client.deadLetters.listAll(query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else
    output.lines(
      table(['FINGERPRINT', 'COUNT', 'WORKFLOW', 'STEP', 'CODE', 'LAST', 'MESSAGE'], items.map(row)),
    );
  return EXIT.ok;
}

function row(item: DeadLetter): string[] {
  const { fingerprint, count, workflow_id, step_id, code, last_seen, message } = item;
  return [
    fingerprint,
    String(count),
    workflow_id,
    step_id ?? '-',
    code,
    formatTime(last_seen),
    truncate(message, MESSAGE_COLUMNS),
  ];
}

/** Calls again while there are more, until `--limit` are through or a round gets nowhere. */
async function redrive(
  { output, session }: CommandContext,
  fingerprint: string,
  { latest, limit = Infinity }: DeadLetterOptions,
): Promise<number> {
  const { client } = await session();
  const version = latest === true ? 'latest' : 'same';
  const total: BulkResponse = { matched: 0, succeeded: 0, failed: [], created: [], more: true };
  while (total.more && total.matched < limit) {
    const answer = await client.deadLetters.redrive(fingerprint, {
      version,
      limit: Math.min(1_000, limit - total.matched),
    });
    total.matched += answer.matched;
    total.succeeded += answer.succeeded;
    total.failed.push(...answer.failed);
    total.created.push(...answer.created);
    total.more = answer.more;
    if (answer.succeeded === 0) break;
  }
  if (output.json) output.document(total);
  else {
    output.line(`redriven  ${total.succeeded} of ${total.matched}${total.more ? ', there are more' : ''}`);
    for (const { execution_id: id, detail } of total.failed) output.note(`  ${id}: ${detail}`);
  }
  return total.failed.length > 0 ? EXIT.error : EXIT.ok;
}

async function discard({ output, session }: CommandContext, fingerprint: string): Promise<number> {
  const { client } = await session();
  const discarded = await client.deadLetters.discard(fingerprint);
  if (output.json) output.document({ discarded });
  else output.line(`discarded  ${discarded}`);
  return EXIT.ok;
}
