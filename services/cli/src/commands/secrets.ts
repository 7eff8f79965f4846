import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { readAll, type Io } from '../io.js';
import { table } from '../render/table.js';
import { clean } from '../render/text.js';
import { formatTime } from '../render/time.js';
import { ask } from '../session/prompt.js';
import type { CommandContext, Program } from './command.js';

interface OwnerOptions {
  readonly owner?: string;
}

interface SetOptions extends OwnerOptions {
  readonly description?: string;
}

export function addSecretsCommands(program: Program): void {
  const secrets = program.root
    .command('secrets')
    .description('values that workflows use as secret("name"); they can be set, and never read');
  const ofOwner = (command: Command): Command =>
    command.option('--owner <user>', 'of this user (administrators)');
  ofOwner(secrets.command('list'))
    .description('list names, versions and times')
    .action((options: OwnerOptions, command: Command) =>
      program.run(command, (context) => list(context, options)),
    );
  ofOwner(secrets.command('set <name>'))
    .description('create a secret or give it a new value, which is read from the input or asked for')
    .option('--description <text>', 'what it is for')
    .action((name: string, options: SetOptions, command: Command) =>
      program.run(command, (context) => set(context, name, options)),
    );
  ofOwner(secrets.command('delete <name...>'))
    .description('delete secrets; steps that use them fail from their next attempt on')
    .action((names: string[], options: OwnerOptions, command: Command) =>
      program.run(command, (context) => remove(context, names, options)),
    );
}

async function list({ output, session }: CommandContext, { owner }: OwnerOptions): Promise<number> {
  const { client } = await session();
  const rows: string[][] = [];
  for await (const secret of client.secrets.listAll({ owner, limit: 200 })) {
    const { name, version, updated_at, updated_by, last_used_at, description } = secret;
    if (output.json) output.record(secret);
    else {
      const updated = `${formatTime(updated_at)} by ${clean(updated_by)}`;
      rows.push([name, String(version), updated, formatTime(last_used_at), clean(description)]);
    }
  }
  if (!output.json) output.lines(table(['SECRET', 'VERSION', 'UPDATED', 'LAST USED', 'DESCRIPTION'], rows));
  return EXIT.ok;
}

async function set(
  { io, output, session }: CommandContext,
  name: string,
  { owner, description }: SetOptions,
): Promise<number> {
  const { client } = await session();
  const value = await readValue(io);
  const secret = await client.secrets.put(name, { value, description }, { owner });
  if (output.json) output.document(secret);
  else output.line(`${secret.version === 1 ? 'created' : 'replaced'}  ${name}  version ${secret.version}`);
  return EXIT.ok;
}

async function remove(
  { output, session }: CommandContext,
  names: readonly string[],
  { owner }: OwnerOptions,
): Promise<number> {
  const { client } = await session();
  for (const name of names) {
    await client.secrets.delete(name, { owner });
    if (output.json) output.record({ deleted: name });
    else output.line(`deleted  ${name}`);
  }
  return EXIT.ok;
}

/** Never an argument: those are public, and stay in the shell's history. The newline that ends a file is no part of it. */
async function readValue(io: Io): Promise<string> {
  const value =
    io.stdin.isTTY === true ? await ask(io, 'Value', false) : (await readAll(io.stdin)).replace(/\r?\n$/, '');
  if (value === '') throw new CliError('The value is empty', 'Pipe it in, or type it when asked.');
  return value;
}
