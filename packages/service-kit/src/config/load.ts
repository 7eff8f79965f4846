import * as z from 'zod';

export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
}

/** The environment cannot be used. Its message names every variable that has to change, and never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem }) => `${variable} ${problem}`);
    super(`The configuration cannot be used: ${lines.join('; ')}.`);
  }
}

/**
 * Reads the sections a service needs, as in `loadConfig({ http: httpConfig, database: databaseConfig })`, and answers
 * with one typed value per section. An empty variable counts as missing, as Docker Compose and CI write it that way.
 * Throws one ConfigError that lists all problems of all sections.
 */
export function loadConfig<T extends Readonly<Record<string, z.ZodType>>>(
  sections: T,
  env: NodeJS.ProcessEnv = process.env,
): z.output<z.ZodObject<T>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const input = Object.fromEntries(Object.keys(sections).map((section) => [section, given]));
  const result = z.object(sections).safeParse(input);
  if (result.success) return result.data;
  throw new ConfigError(problemsOf(result.error, given));
}

function problemsOf(error: z.ZodError, given: Readonly<Record<string, string | undefined>>): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const issue of error.issues) {
    const variable = String(issue.path[1] ?? issue.path[0] ?? 'environment');
    const missing = given[variable] === undefined && issue.code === 'invalid_type';
    const problem = missing ? 'is missing' : issue.message;
    // A variable that several sections read is reported once.
    problems.set(`${variable} ${problem}`, { variable, problem });
  }
  return [...problems.values()];
}
