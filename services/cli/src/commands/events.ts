import type { EventFrame } from '@millrace/contracts';
import { isEventFrame } from '@millrace/client';
import { InvalidArgumentError, type Command } from 'commander';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { EMPTY_BOARD, advance, readEvent } from '../progress/board.js';
import { eventLine } from '../progress/lines.js';
import { clean, pad } from '../render/text.js';
import { formatClock } from '../render/time.js';
import type { CommandContext, Program } from './command.js';
import { interruptible } from './watch.js';

interface EventsOptions {
  readonly follow?: boolean;
  readonly after: number;
}

export function addEventsCommands(program: Program): void {
  program.root
    .command('events <execution>')
    .description('print the event log of an execution')
    .option('-f, --follow', 'go on live until it ends; the exit code tells how')
    .option('--after <seq>', 'only events with a greater seq', sequence, 0)
    .action((execution: string, options: EventsOptions, command: Command) =>
      program.run(command, (context) => events(context, execution, options)),
    );
  program.root
    .command('logs <execution>')
    .description('print what the steps of an execution logged')
    .option('--step <id>', 'only of this step')
    .option('--iteration <path>', 'only of this iteration, as events name it: 3, nested 3.0')
    .action((execution: string, options: LogsOptions, command: Command) =>
      program.run(command, (context) => logs(context, execution, options)),
    );
}

function sequence(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be 0 or a positive number.');
  return value;
}

async function events(context: CommandContext, id: string, options: EventsOptions): Promise<number> {
  const { output } = context;
  const { client } = await context.session();
  let last = options.after;
  const print = (frame: EventFrame): void => {
    last = frame.seq;
    if (output.json) output.record(frame);
    else output.line(describeEvent(context, frame));
  };
  if (options.follow !== true) {
    for await (const frame of client.executions.eventsAll(id, options.after)) print(frame);
    return EXIT.ok;
  }
  const resume = (): string => `millrace events ${id} --follow --after ${last}`;
  return interruptible(context, id, resume, async (signal) => {
    for await (const frame of client.follow(id, { lastSeq: options.after, signal })) {
      if (isEventFrame(frame)) print(frame);
    }
    return exitCodeOf((await client.executions.get(id, { signal })).status);
  });
}

/** Each line stands for itself: `seq`, time and what happened. */
function describeEvent({ output }: CommandContext, frame: EventFrame): string {
  const seq = output.style.dim(pad(String(frame.seq), 5));
  const event = readEvent(frame);
  if (event === undefined) return `${seq} ${formatClock(frame.timestamp)} ${clean(frame.type)}`;
  const board = advance(EMPTY_BOARD, event);
  return `${seq} ${eventLine(event, board.latest, board, output.style)}`;
}

interface LogsOptions {
  readonly step?: string;
  readonly iteration?: string;
}

async function logs(
  { output, session }: CommandContext,
  id: string,
  { step, iteration }: LogsOptions,
): Promise<number> {
  const { client } = await session();
  for await (const line of client.executions.logsAll(id, { step_id: step, iteration, limit: 200 })) {
    if (output.json) output.record(line);
    else {
      const { timestamp, step_id, attempt, level, message } = line;
      const place = line.iteration === undefined ? step_id : `${step_id}[${line.iteration}]`;
      const where = attempt > 1 ? `${place}#${attempt}` : place;
      output.line(
        `${output.style.dim(formatClock(timestamp))} ${pad(level, 5)} ${clean(where)}  ${clean(message)}`,
      );
    }
  }
  return EXIT.ok;
}
