import { createWebhookRequest, type WebhookWithSecret } from '@millrace/contracts';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { readParameters } from '../parameters.js';
import { table } from '../render/table.js';
import { clean } from '../render/text.js';
import { formatTime } from '../render/time.js';
import type { CommandContext, Program } from './command.js';
import { positive, take } from './list.js';

interface CreateOptions {
  readonly name?: string;
  readonly path?: string;
  readonly signature?: string;
  readonly settings?: string;
}

interface DeliveriesOptions {
  readonly refused?: boolean;
  readonly limit: number;
}

export function addWebhookCommands(program: Program): void {
  const webhooks = program.root.command('webhooks').description('addresses that start executions');
  webhooks
    .command('list <workflow>')
    .description('the webhooks of a workflow')
    .action((workflow: string, _options: object, command: Command) =>
      program.run(command, (context) => list(context, workflow)),
    );
  webhooks
    .command('create <workflow>')
    .description('create a webhook; a secret that is made for it is shown this once')
    .option('--name <text>', 'what it is for')
    .option('--path <text>', 'last part of its address; random without it')
    .option('--signature <type>', 'github, stripe, slack, standard_webhooks; others are in --settings')
    .option('--settings <json|@file>', 'all else: mapping, response, secret, … as POST …/webhooks takes them')
    .action((workflow: string, options: CreateOptions, command: Command) =>
      program.run(command, (context) => create(context, workflow, options)),
    );
  webhooks
    .command('rotate <webhook>')
    .description('make a new secret, shown this once; the old one stays valid for a day')
    .action((id: string, _options: object, command: Command) =>
      program.run(command, (context) => rotate(context, id)),
    );
  webhooks
    .command('delete <webhook...>')
    .description('delete webhooks: their addresses answer 404')
    .action((ids: string[], _options: object, command: Command) =>
      program.run(command, (context) => remove(context, ids)),
    );
  webhooks
    .command('deliveries <webhook>')
    .description('what arrived, newest first, and why it was refused')
    .option('--refused', 'only what was refused')
    .option('-n, --limit <n>', 'at most so many', positive, 50)
    .action((id: string, options: DeliveriesOptions, command: Command) =>
      program.run(command, (context) => deliveries(context, id, options)),
    );
}

async function list({ output, session }: CommandContext, workflow: string): Promise<number> {
  const { client } = await session();
  const rows: string[][] = [];
  for await (const webhook of client.webhooks.listAll(workflow)) {
    const { id, name, url, signature, enabled } = webhook;
    if (output.json) output.record(webhook);
    else rows.push([id, clean(name), url, signature.type, enabled ? 'yes' : 'no']);
  }
  if (!output.json) output.lines(table(['WEBHOOK', 'NAME', 'ADDRESS', 'SIGNATURE', 'ENABLED'], rows));
  return EXIT.ok;
}

async function create(
  { io, output, session }: CommandContext,
  workflow: string,
  { name, path, signature, settings }: CreateOptions,
): Promise<number> {
  const given = await readParameters(io, settings, []);
  const parsed = createWebhookRequest.safeParse({
    ...given,
    ...(name !== undefined && { name }),
    ...(path !== undefined && { path }),
    ...(signature !== undefined && { signature: { type: signature } }),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CliError(`The webhook is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { client } = await session();
  return show(output, await client.webhooks.create(workflow, parsed.data));
}

async function rotate({ output, session }: CommandContext, id: string): Promise<number> {
  const { client } = await session();
  return show(output, await client.webhooks.patch(id, { rotate_secret: true }));
}

function show(output: CommandContext['output'], webhook: WebhookWithSecret): number {
  if (output.json) output.document(webhook);
  else {
    output.line(`${webhook.id}  ${webhook.url}`);
    if (webhook.secret !== undefined) output.line(`secret  ${webhook.secret}`);
  }
  return EXIT.ok;
}

async function remove({ output, session }: CommandContext, ids: readonly string[]): Promise<number> {
  const { client } = await session();
  for (const id of ids) {
    await client.webhooks.delete(id);
    if (output.json) output.record({ deleted: id });
    else output.line(`deleted  ${id}`);
  }
  return EXIT.ok;
}

async function deliveries(
  { output, session }: CommandContext,
  id: string,
  { refused, limit }: DeliveriesOptions,
): Promise<number> {
  const { client } = await session();
  const query = { limit: Math.min(limit, 200), ...(refused === true && { outcome: 'refused' as const }) };
  const items = await take(client.webhooks.deliveriesAll(id, query), limit);
  if (output.json) items.forEach((item) => output.record(item));
  else {
    const rows = items.map((item) => [
      formatTime(item.received_at),
      item.method,
      String(item.status),
      item.execution_id ?? '-',
      clean(item.reason ?? ''),
    ]);
    output.lines(table(['RECEIVED', 'METHOD', 'STATUS', 'EXECUTION', 'REASON'], rows));
  }
  return EXIT.ok;
}
