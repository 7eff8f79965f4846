import type { BenchOptions } from '../options.js';

/** What every scenario is given. */
export interface ScenarioContext {
  readonly options: BenchOptions;
  /** Of the services' logs, removed after a run that went well. */
  readonly logFolder: string;
  /** One line of progress. */
  say(line: string): void;
  /** Node's flags for a service of this name. */
  flagsFor(name: string): readonly string[];
}
