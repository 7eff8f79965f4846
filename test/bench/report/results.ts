import { median, percentilesOf } from '../harness/statistics.js';

/** What a figure counts. Rates and shares are better when larger, times when smaller. */
export type Unit = 'executions/s' | 'jobs/s' | 'requests/s' | 'ms' | 'kB' | 'requests' | 'elements';

export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  /** One per round, in order. */
  readonly rounds: readonly number[];
  readonly median: number;
}

export interface Ratio {
  readonly name: string;
  /** Of the two figures of the same round. */
  readonly rounds: readonly number[];
  readonly median: number;
  /** What it ought to be, in words; empty where nothing is promised. */
  readonly aim: string;
}

export interface Section {
  readonly title: string;
  /** How it was measured: what a reader must know to believe the figures. */
  readonly notes: readonly string[];
  readonly ratios: readonly Ratio[];
  readonly figures: readonly Figure[];
}

/** Gathers one scenario's figures over its rounds. */
export class Results {
  readonly #title: string;
  readonly #notes: string[] = [];
  readonly #figures = new Map<string, { unit: Unit; rounds: number[] }>();
  readonly #ratios: { name: string; above: string; below: string; aim: string }[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  add(name: string, unit: Unit, value: number): void {
    const figure = this.#figures.get(name) ?? { unit, rounds: [] };
    figure.rounds.push(value);
    this.#figures.set(name, figure);
  }

  /** The figure `above` divided by `below`, round by round: the machine drifts, its drift cancels out. */
  compare(name: string, above: string, below: string, aim = ''): void {
    if (!this.#ratios.some((ratio) => ratio.name === name)) this.#ratios.push({ name, above, below, aim });
  }

  section(): Section {
    const roundsOf = (name: string): readonly number[] => this.#figures.get(name)?.rounds ?? [];
    return {
      title: this.#title,
      notes: this.#notes,
      figures: [...this.#figures].map(([name, { unit, rounds }]) => ({
        ...{ name, unit, rounds },
        median: median(rounds),
      })),
      ratios: this.#ratios.map(({ name, above, below, aim }) => {
        const divisors = roundsOf(below);
        const rounds = roundsOf(above).map((value, round) => value / (divisors[round] ?? NaN));
        return { name, aim, rounds, median: median(rounds) };
      }),
    };
  }
}

/** Times of one round, in milliseconds: three figures, of which only percentiles say something. */
export function addPercentiles(results: Results, name: string, values: readonly number[]): void {
  const { p50, p95, p99 } = percentilesOf(values);
  results.add(`${name}, p50`, 'ms', p50);
  results.add(`${name}, p95`, 'ms', p95);
  results.add(`${name}, p99`, 'ms', p99);
}
