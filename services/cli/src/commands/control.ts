import type {
  ExecutionResource,
  JsonObject,
  JsonValue,
  RetryResponse,
  VersionChoice,
} from '@millrace/contracts';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { parseAssignment, parseValue, readParameters } from '../parameters.js';
import type { CommandContext, Program } from './command.js';
import { collect } from './run.js';
import { watch } from './watch.js';

interface AgainOptions {
  readonly latest?: boolean;
  readonly params?: string;
  readonly param?: string[];
  readonly input?: string[];
  readonly from?: string;
  readonly until?: string;
  readonly toEnd?: boolean;
  readonly watch?: boolean;
  readonly idempotencyKey?: string;
}

interface SkipOptions {
  readonly output?: string;
  readonly iteration?: string;
}

/** Steering what runs, and repeating what has ended. */
export function addControlCommands(program: Program): void {
  const steered = (command: Command, verb: 'pause' | 'resume'): Command =>
    command.action((execution: string, _options: object, given: Command) =>
      program.run(given, (context) => steer(context, verb, execution)),
    );
  steered(program.root.command('pause <execution>'), 'pause').description(
    'pause an execution: steps that run are finished, no other begins',
  );
  steered(program.root.command('resume <execution>'), 'resume').description('let a paused execution go on');
  program.root
    .command('skip <execution> <step>')
    .description('give up a step that has no outcome yet and go on behind it')
    .option('--output <json|text>', 'stands in for its output; null without it')
    .option('--iteration <path>', 'of a step in a body: which turn, as its events name it')
    .action((execution: string, step: string, options: SkipOptions, command: Command) =>
      program.run(command, (context) => skip(context, execution, step, options)),
    );
  repeating(program, program.root.command('retry <execution>'), 'retry').description(
    'make a new execution that goes on where an unsuccessful one ended',
  );
  repeating(program, program.root.command('rerun <execution>'), 'rerun')
    .description('run a finished execution again, as a new one')
    .option('--from <step>', 'only this step and what is behind it; the others keep their outputs');
}

function repeating(program: Program, command: Command, verb: 'retry' | 'rerun'): Command {
  return command
    .option('--until <step>', 'only to this step, whatever the earlier one ran to')
    .option('--to-end', 'to the end, although the earlier one ran to a step')
    .option('--latest', 'on the newest version of the workflow, not on the one it ran')
    .option('-P, --params <json|@file>', 'instead of its parameters, all of them')
    .option(
      '-p, --param <key=value>',
      'one parameter beside --params, JSON or text; may be repeated',
      collect,
    )
    .option('-i, --input <step=value>', 'another input of a step, JSON or text; may be repeated', collect)
    .option('-w, --watch', 'draw the progress until it ends; the exit code tells how')
    .option('--idempotency-key <key>', 'the same key and wishes give the same execution')
    .action((execution: string, options: AgainOptions, given: Command) =>
      program.run(given, (context) => repeat(context, verb, execution, options)),
    );
}

async function steer(
  { output, session }: CommandContext,
  verb: 'pause' | 'resume',
  id: string,
): Promise<number> {
  const { client } = await session();
  const execution = await client.executions[verb](id);
  if (output.json) output.document(execution);
  else output.line(`${execution.status}  ${id}${remark(verb, execution)}`);
  return EXIT.ok;
}

function remark(verb: 'pause' | 'resume', { status }: ExecutionResource): string {
  const obeyed = (status === 'paused') === (verb === 'pause');
  return obeyed ? '' : '  the request is recorded; its worker has not obeyed yet';
}

async function skip(
  { output, session }: CommandContext,
  id: string,
  step: string,
  options: SkipOptions,
): Promise<number> {
  const { client } = await session();
  const execution = await client.executions.skipStep(id, step, {
    ...(options.output !== undefined && { output: parseValue(options.output) }),
    ...(options.iteration !== undefined && { iteration: options.iteration }),
  });
  if (output.json) output.document(execution);
  else output.line(`${execution.status}  ${id}  step ${step} will be skipped`);
  return EXIT.ok;
}

async function repeat(
  context: CommandContext,
  verb: 'retry' | 'rerun',
  id: string,
  options: AgainOptions,
): Promise<number> {
  const { output } = context;
  const version: VersionChoice = options.latest === true ? 'latest' : 'same';
  const wishes = {
    version,
    ...(await changedParameters(context, options)),
    ...(options.input !== undefined && { inputs: inputsOf(options.input) }),
    ...untilOf(options),
  };
  const session = await context.session();
  // A key of our own makes the request safe to repeat when an answer is lost on the way.
  const key = { idempotencyKey: options.idempotencyKey ?? randomUUID() };
  const { executions } = session.client;
  const made: RetryResponse =
    verb === 'retry'
      ? await executions.retry(id, wishes, key)
      : await executions.rerun(
          id,
          { ...wishes, ...(options.from !== undefined && { from_step: options.from }) },
          key,
        );
  const kept = made.reused_steps.length;
  const note =
    kept === 0
      ? 'every step runs again'
      : `${kept} ${kept === 1 ? 'step keeps its output' : 'steps keep their outputs'}`;
  if (options.watch === true) {
    output.note(`${made.execution_id}  ${verb} of ${id}, ${note}`);
    return watch(context, session, made.execution_id);
  }
  if (output.json) output.document(made);
  else {
    output.line(made.execution_id);
    output.note(`${note}; watch it with: millrace watch ${made.execution_id}`);
  }
  return EXIT.ok;
}

async function changedParameters(
  { io }: CommandContext,
  { params, param }: AgainOptions,
): Promise<{ parameters?: JsonObject }> {
  if (params === undefined && param === undefined) return {};
  if (params === undefined) {
    throw new CliError(
      '--param is laid over --params',
      'Parameters are replaced as a whole: give all of them, as in --params @params.json -p name=Ada.',
    );
  }
  return { parameters: await readParameters(io, params, param ?? []) };
}

function untilOf({ until, toEnd = false }: AgainOptions): { until_step?: string | null } {
  if (toEnd && until !== undefined) throw new CliError('--until and --to-end exclude each other');
  if (toEnd) return { until_step: null };
  return until === undefined ? {} : { until_step: until };
}

function inputsOf(assignments: readonly string[]): Record<string, JsonValue> {
  return Object.fromEntries(assignments.flatMap((text) => Object.entries(parseAssignment('--input', text))));
}
