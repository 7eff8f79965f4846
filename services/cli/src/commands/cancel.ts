import { isTerminal } from '@millrace/contracts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import type { CommandContext, Program } from './command.js';

export function addCancelCommands(program: Program): void {
  program.root
    .command('cancel <execution>')
    .description('cancel an execution; a finished one stays what it is')
    .option('--reason <text>', 'kept in the log')
    .action((execution: string, options: { reason?: string }, command: Command) =>
      program.run(command, (context) => cancel(context, execution, options.reason)),
    );
  program.root
    .command('delete <workflow...>')
    .description('delete workflows; running executions finish and history stays readable')
    .action((ids: string[], _options: object, command: Command) =>
      program.run(command, (context) => remove(context, ids)),
    );
}

async function cancel(
  { output, session }: CommandContext,
  id: string,
  reason: string | undefined,
): Promise<number> {
  const { client } = await session();
  const execution = await client.executions.cancel(id, reason);
  const { status } = execution;
  if (output.json) output.document(execution);
  else if (status === 'cancelled') output.line(`cancelled  ${id}`);
  else if (isTerminal(status)) output.line(`${status}  ${id}  was finished already`);
  else output.line(`${status}  ${id}  the request is recorded; its worker has not stopped it yet`);
  return EXIT.ok;
}

async function remove({ output, session }: CommandContext, ids: readonly string[]): Promise<number> {
  const { client } = await session();
  for (const id of ids) {
    await client.workflows.delete(id);
    if (output.json) output.record({ deleted: id });
    else output.line(`deleted  ${id}`);
  }
  return EXIT.ok;
}
