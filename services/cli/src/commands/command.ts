import type { Command } from 'commander';
import type { Io } from '../io.js';
import { createOutput, type Output } from '../output.js';
import { openSession, type Session } from '../session/session.js';

/** What every command accepts, before or after its name. */
export interface GlobalOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** What a command gets to work with. */
export interface CommandContext {
  readonly io: Io;
  readonly output: Output;
  /** Reads the stored log-in; commands that need no server never call it. */
  session(): Promise<Session>;
}

/** One invocation: its process, its commands and its exit code. */
export interface Program {
  readonly root: Command;
  /** Runs a command's work with its context; the number it returns is the exit code. */
  run(command: Command, work: (context: CommandContext) => Promise<number>): Promise<void>;
  exitCode(): number;
}

export function createProgram(io: Io, root: Command): Program {
  let code = 0;
  return {
    root,
    exitCode: () => code,
    async run(command, work) {
      const options = command.optsWithGlobals<GlobalOptions>();
      const output = createOutput(io, options.json ?? false);
      code = await work({ io, output, session: () => openSession(io, options) });
    },
  };
}
