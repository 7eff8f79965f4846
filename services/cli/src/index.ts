import { Command, CommanderError } from 'commander';
import { addApplyCommands } from './commands/apply.js';
import { addCallbackCommands } from './commands/callbacks.js';
import { addCancelCommands } from './commands/cancel.js';
import { createProgram } from './commands/command.js';
import { addControlCommands } from './commands/control.js';
import { addDeadLettersCommand } from './commands/dead-letters.js';
import { addEventsCommands } from './commands/events.js';
import { addGetCommand } from './commands/get.js';
import { addListCommand } from './commands/list.js';
import { addLoginCommands } from './commands/login.js';
import { addRunCommand } from './commands/run.js';
import { addSecretsCommands } from './commands/secrets.js';
import { addWaitCommands } from './commands/waits.js';
import { addWatchCommand } from './commands/watch.js';
import { addWebhookCommands } from './commands/webhooks.js';
import { describeError } from './errors.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import { processIo, type Io } from './io.js';
import { createOutput } from './output.js';
import { codeOf } from './session/store.js';

export { EXIT } from './exit-codes.js';
export type { Io, Terminal } from './io.js';

const VERSION = '0.1.0';

/** Runs one command line (without `node` and the script) and resolves to its exit code; errors are printed, not thrown. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const root = new Command('millrace')
    .description('The command of the Millrace workflow platform')
    .version(VERSION)
    .option('--url <address>', 'address of the platform')
    .option('--json', 'answer in JSON (lists and streams: one document per line)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .addHelpText('after', EXIT_HELP);
  const program = createProgram(io, root);
  addLoginCommands(program);
  addApplyCommands(program);
  addRunCommand(program);
  addWatchCommand(program);
  addGetCommand(program);
  addListCommand(program);
  addEventsCommands(program);
  addCancelCommands(program);
  addSecretsCommands(program);
  addControlCommands(program);
  addDeadLettersCommand(program);
  addWaitCommands(program);
  addWebhookCommands(program);
  addCallbackCommands(program);
  try {
    await root.parseAsync(argv, { from: 'user' });
    return program.exitCode();
  } catch (error) {
    // Commander has printed its own message or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.error;
    printError(io, error);
    return EXIT.error;
  }
}

function printError(io: Io, error: unknown): void {
  const { note, noteStyle } = createOutput(io, false);
  const [message = 'unknown error', ...more] = describeError(error);
  note(`${noteStyle.red('error:')} ${message}`);
  more.forEach(note);
}

/** The process: sets the exit code and dies quietly when the reader of a pipe is gone. */
export async function main(): Promise<void> {
  process.stdout.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  process.exitCode = await run(process.argv.slice(2), processIo());
}
