import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { workflowId } from '@millrace/contracts';
import { applyDefinition } from '../definitions/apply.js';
import { loadDefinitions } from '../definitions/load.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { readParameters } from '../parameters.js';
import type { Session } from '../session/session.js';
import { describeApplied } from './apply.js';
import type { CommandContext, Program } from './command.js';
import { watch } from './watch.js';

interface RunOptions {
  readonly params?: string;
  readonly param?: string[];
  readonly until?: string;
  readonly draft?: boolean;
  readonly watch?: boolean;
  readonly idempotencyKey?: string;
  readonly callback?: string;
}

export function addRunCommand(program: Program): void {
  program.root
    .command('run <file-or-workflow>')
    .description('execute a workflow; a file is applied first')
    .option('-P, --params <json|@file>', 'parameters: JSON, or a JSON or YAML file ("@-" is the input)')
    .option('-p, --param <key=value>', 'one parameter, JSON or text; may be repeated', collect)
    .option('--until <step>', 'run only this step and what leads to it; the result is its output')
    .option('--draft', 'test the draft of a workflow; nothing is published')
    .option('-w, --watch', 'draw the progress until it ends; the exit code tells how')
    .option('--callback <url>', 'address that is told of the end')
    .option('--idempotency-key <key>', 'the same key and parameters give the same execution')
    .action((target: string, options: RunOptions, command: Command) =>
      program.run(command, (context) => run(context, target, options)),
    );
}

export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

async function run(context: CommandContext, target: string, options: RunOptions): Promise<number> {
  const { io, output } = context;
  if (target === '-' && options.params === '@-') throw new CliError('The input can be read only once');
  const parameters = await readParameters(io, options.params, options.param ?? []);
  const session = await context.session();
  const id = await workflowIdOf(context, session, target, options);
  // A key of our own makes the submission safe to repeat when an answer is lost on the way.
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const { workflows } = session.client;
  const start = options.draft === true ? workflows.executeDraft : workflows.execute;
  const submitted = await start(id, parameters, {
    idempotencyKey,
    untilStep: options.until,
    ...(options.callback !== undefined && { callback: { url: options.callback } }),
  });
  const { execution_id: executionId } = submitted;
  if (options.watch === true) {
    output.note(`${executionId}  of ${id}`);
    return watch(context, session, executionId);
  }
  if (output.json) output.document(submitted);
  else {
    output.line(executionId);
    output.note(`Watch it with: millrace watch ${executionId}`);
  }
  return EXIT.ok;
}

/** A file that exists, or looks like one, is applied; anything else is an id. */
async function workflowIdOf(
  { io, output }: CommandContext,
  session: Session,
  target: string,
  { draft = false }: RunOptions,
): Promise<string> {
  const looksLikeFile = target === '-' || /[/\\]|\.(ya?ml|json)$/i.test(target);
  if (!looksLikeFile && !(await isFile(target))) {
    const checked = workflowId.safeParse(target);
    if (!checked.success) throw new CliError(`"${target}" is neither a file nor the id of a workflow`);
    return target;
  }
  if (draft) {
    throw new CliError(
      'A file is published by running it',
      'Name the workflow whose draft is meant, or run the file without --draft.',
    );
  }
  const [source, second] = await loadDefinitions(io, target);
  if (source === undefined || second !== undefined) {
    throw new CliError(`${target} holds several workflows`, 'Apply it, and run one of them by its id.');
  }
  const applied = await applyDefinition(session.client, source);
  output.note(describeApplied(applied));
  return applied.workflow.id;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
