import { parseArgs } from 'node:util';

export const SCENARIOS = ['throughput', 'latency', 'api', 'hostile', 'console'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface BenchOptions {
  readonly only: readonly ScenarioName[];
  /** Interleaved rounds; figures are their medians. */
  readonly rounds: number;
  /** Of a pure run; effectful runs take half of it. */
  readonly executions: number;
  /** Jobs of a run of plain BullMQ. */
  readonly jobs: number;
  /** Executions watched one after the other per latency figure and round. */
  readonly probes: number;
  /** Requests per API figure and round. */
  readonly requests: number;
  /** Stored executions that the flatness figures compare with one thousand. */
  readonly stored: number;
  /** Of the scenario `hostile`: attacks whose names contain it; empty is all. */
  readonly attack: string;
  /** A look that it works. */
  readonly quick: boolean;
  /** Records CPU profiles of gateway and workers, which slows them. */
  readonly profile: boolean;
  /** Renews the figures in docs/PERFORMANCE.md. */
  readonly writeDocs: boolean;
}

export const HELP = `npm run bench -- [options]

  --only throughput,latency,api,hostile,console
                                  some of the scenarios (default: all)
  --attack TEXT                   of the scenario hostile: only attacks whose names contain it
  --rounds N                      interleaved rounds, of which the median counts (default 5; --quick 1)
  --executions N                  executions of one pure run (default 4000; --quick 600)
  --stored N                      stored executions to compare with a thousand (default 200000; --quick 20000)
  --quick                         a minute's look: proves that it works, its figures are noise
  --profile                       CPU profiles of gateway and workers in the results folder, and their top functions
  --write-docs                    puts the figures into docs/PERFORMANCE.md
`;

const FULL = { rounds: 5, executions: 4_000, jobs: 20_000, probes: 200, requests: 2_000, stored: 200_000 };
const QUICK = { rounds: 1, executions: 600, jobs: 3_000, probes: 30, requests: 300, stored: 20_000 };

/** What the caller typed cannot be used; the message is the whole answer. */
export class OptionError extends Error {}

/** Throws an OptionError. `undefined`: help is wanted. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const base = values.quick ? QUICK : FULL;
  return {
    ...base,
    only: values.only === undefined ? SCENARIOS : values.only.split(',').map(scenario),
    rounds: count('rounds', values.rounds, base.rounds),
    executions: count('executions', values.executions, base.executions),
    stored: count('stored', values.stored, base.stored),
    attack: values.attack ?? '',
    quick: values.quick,
    profile: values.profile,
    writeDocs: values['write-docs'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        attack: { type: 'string' },
        rounds: { type: 'string' },
        executions: { type: 'string' },
        stored: { type: 'string' },
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function scenario(given: string): ScenarioName {
  const found = SCENARIOS.find((name) => name === given.trim());
  if (!found) throw new OptionError(`--only knows ${SCENARIOS.join(', ')}, not "${given}"`);
  return found;
}

function count(name: string, given: string | undefined, usual: number): number {
  if (given === undefined) return usual;
  if (!/^[1-9]\d{0,6}$/.test(given))
    throw new OptionError(`--${name} must be a whole number from 1 to 9999999`);
  return Number(given);
}
