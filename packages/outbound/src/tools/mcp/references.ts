import type { McpServer } from '@millrace/contracts';

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Puts the environment's values where the configuration of a server says `${NAME}`: in arguments, variables and
 * headers. Throws a RangeError that names the server, the place and the variable where one is not set.
 */
export function resolveReferences(name: string, server: McpServer, env: NodeJS.ProcessEnv): McpServer {
  const resolve = (place: string, text: string): string =>
    text.replace(REFERENCE, (_, variable: string) => {
      const value = env[variable];
      if (value !== undefined) return value;
      throw new RangeError(
        `The MCP server "${name}" needs the variable ${variable} (in its ${place}), which is not set`,
      );
    });
  const all = (place: string, texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, resolve(`${place} ${key}`, text)]));
  if (server.transport === 'http') return { ...server, headers: all('header', server.headers) };
  return {
    ...server,
    args: server.args.map((text, index) => resolve(`argument ${index + 1}`, text)),
    env: all('variable', server.env),
  };
}
