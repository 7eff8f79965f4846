import { type CallbackResource, callbackStatus } from '@millrace/contracts';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../render/table.js';
import { clean } from '../render/text.js';
import { formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';
import { positive, take } from './list.js';

interface ListOptions {
  readonly status?: string;
  readonly workflow?: string;
  readonly limit: number;
}

export function addCallbackCommands(program: Program): void {
  const callbacks = program.root.command('callbacks').description('what hears of the end of executions');
  callbacks
    .command('list', { isDefault: true })
    .description('callbacks, newest execution first')
    .option('--status <status>', callbackStatus.options.join(', '))
    .option('--workflow <id>', 'of this workflow')
    .option('-n, --limit <n>', 'at most so many', positive, 50)
    .action((options: ListOptions, command: Command) =>
      program.run(command, (context) => list(context, options)),
    );
  callbacks
    .command('redeliver <execution...>')
    .description('deliver again, whatever came of it')
    .action((ids: string[], _options: object, command: Command) =>
      program.run(command, (context) => redeliver(context, ids)),
    );
}

async function list({ output, session }: CommandContext, options: ListOptions): Promise<number> {
  const status = callbackStatus.optional().safeParse(options.status);
  if (!status.success) {
    throw new CliError(`--status ${options.status ?? ''}: it is one of ${callbackStatus.options.join(', ')}`);
  }
  const { workflow, limit } = options;
  const { client } = await session();
  const query = { status: status.data, workflow, limit: Math.min(limit, 200) };
  const items = await take(client.callbacks.listAll(query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else {
    output.lines(table(['EXECUTION', 'STATUS', 'ATTEMPTS', 'LAST', 'ADDRESS', 'ERROR'], items.map(row)));
  }
  return EXIT.ok;
}

function row(item: CallbackResource): string[] {
  const { execution_id, status, attempts, last_attempt_at, url, last_error } = item;
  return [
    ...[execution_id, status, String(attempts), formatTime(last_attempt_at)],
    ...[clean(url), clean(last_error ?? '')],
  ];
}

async function redeliver({ output, session }: CommandContext, ids: readonly string[]): Promise<number> {
  const { client } = await session();
  for (const id of ids) {
    const callback = await client.callbacks.redeliver(id);
    if (output.json) output.record(callback);
    else output.line(`due now  ${id}`);
  }
  return EXIT.ok;
}
