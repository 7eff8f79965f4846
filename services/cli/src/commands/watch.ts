import type { ExecutionResource } from '@millrace/contracts';
import type { Command } from 'commander';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { readOwners } from '../progress/owners.js';
import { createView } from '../progress/view.js';
import { statusText } from '../progress/lines.js';
import { formatDuration } from '../render/time.js';
import { clean } from '../render/text.js';
import type { Session } from '../session/session.js';
import type { CommandContext, Program } from './command.js';

export function addWatchCommand(program: Program): void {
  program.root
    .command('watch <execution>')
    .description('draw the progress of an execution until it ends; the exit code tells how')
    .action((execution: string, _options: object, command: Command) =>
      program.run(command, async (context) => watch(context, await context.session(), execution)),
    );
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Calls `work` with a signal that Ctrl-C aborts. An interrupted watch leaves the execution alone and says how to come
 * back; `resume` is the command for it.
 */
export async function interruptible(
  { io, output }: CommandContext,
  executionId: string,
  resume: () => string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const release = io.onInterrupt(() => controller.abort(new Interrupted()));
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    output.note(`Stopped watching; the execution goes on.`);
    output.note(`  watch again:  ${resume()}`);
    output.note(`  cancel it:    millrace cancel ${executionId}`);
    return EXIT.interrupted;
  } finally {
    release();
  }
}

/** Follows to the end: progress on stderr and the result on stdout, or with `--json` every frame as NDJSON. */
export function watch(context: CommandContext, session: Session, executionId: string): Promise<number> {
  const { io, output } = context;
  const resume = (): string => `millrace watch ${executionId}`;
  return interruptible(context, executionId, resume, async (signal) => {
    const isDrawn = io.stderr.isTTY === true && !output.json;
    const owners = isDrawn ? await readOwners(session.client, executionId, signal) : undefined;
    const view = output.json ? undefined : createView(io, owners);
    try {
      const frames = session.client.follow(executionId, {
        signal,
        transient: isDrawn,
        onConnection: (state) => {
          if (state.status !== 'reconnecting' || state.inMs === 0) return;
          const text = clean(`Connection lost (${state.reason}); again in ${formatDuration(state.inMs)}`);
          if (view === undefined) output.note(text);
          else view.remark(text);
        },
      });
      for await (const frame of frames) {
        if (view === undefined) output.record(frame);
        else view.show(frame);
      }
    } finally {
      view?.stop();
    }
    const execution = await session.client.executions.get(executionId, { signal });
    await printOutcome(context, session, execution);
    return exitCodeOf(execution.status);
  });
}

async function printOutcome(
  { output }: CommandContext,
  session: Session,
  execution: ExecutionResource,
): Promise<void> {
  if (output.json) {
    output.record({ type: 'result', execution });
    return;
  }
  const { status, error, duration_seconds: seconds, result } = execution;
  const duration = seconds === null ? '' : ` in ${formatDuration(seconds * 1_000)}`;
  output.note(`${statusText(status, output.noteStyle)}${duration}  ${execution.execution_id}`);
  if (error !== null) {
    const step = error.step_id ? ` in step ${error.step_id}` : '';
    output.note(clean(`  ${error.code}${step}: ${error.message}`));
  }
  if (result?.output !== undefined) output.line(JSON.stringify(result.output, null, 2));
  else if (result?.output_ref !== undefined) {
    const blob = await session.client.blob(result.output_ref.reference);
    output.line(new TextDecoder().decode(blob.bytes));
  }
}
