import { createClient } from '@millrace/client';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { ask, readPassword } from '../session/prompt.js';
import { checkedRoot, DEFAULT_URL } from '../session/session.js';
import { credentialStore } from '../session/store.js';
import type { CommandContext, GlobalOptions, Program } from './command.js';

interface LoginOptions extends GlobalOptions {
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

export function addLoginCommands(program: Program): void {
  program.root
    .command('login')
    .description('sign in and keep the session (--url chooses the platform)')
    .option('-u, --username <name>', 'asked for without it')
    .option('--password-stdin', 'read the password from the input; otherwise MILLRACE_PASSWORD or a prompt')
    .action((_options: LoginOptions, command: Command) =>
      program.run(command, (context) => login(context, command.optsWithGlobals<LoginOptions>())),
    );
  program.root
    .command('logout')
    .description('end the session and forget it')
    .action((_options: object, command: Command) => program.run(command, logout));
  program.root
    .command('whoami')
    .description('show the user, the platform and the scopes')
    .action((_options: object, command: Command) => program.run(command, whoami));
}

async function login({ io, output }: CommandContext, options: LoginOptions): Promise<number> {
  const store = credentialStore(io);
  const stored = await store.read();
  const url = options.url ?? (io.env['MILLRACE_URL'] || stored.current || DEFAULT_URL);
  const root = checkedRoot(url);
  if (options.username === undefined && options.passwordStdin === true) {
    throw new CliError('--password-stdin needs --username');
  }
  const username = options.username ?? (await ask(io, 'Username', true));
  const password = await readPassword(io, options.passwordStdin ?? false);
  const tokens = await createClient({ baseUrl: root }).auth.login({ username, password });
  const { access_token, refresh_token } = tokens;
  await store.update(({ servers }) => ({
    current: root,
    servers: { ...servers, [root]: { username, access_token, refresh_token } },
  }));
  if (output.json) output.document({ username, url: root });
  output.note(`Signed in to ${root} as ${username}; the session is kept in ${store.file}`);
  return EXIT.ok;
}

async function logout({ output, session }: CommandContext): Promise<number> {
  const { root, store } = await session();
  const stored = (await store.read()).servers[root];
  if (stored === undefined) {
    output.note(`There is no session for ${root}`);
    return EXIT.ok;
  }
  await store.update(({ current, servers }) => {
    const rest = Object.fromEntries(Object.entries(servers).filter(([key]) => key !== root));
    return current === undefined ? { servers: rest } : { current, servers: rest };
  });
  // Forgotten here whatever the server says; it ends by itself there if it cannot be reached now.
  await createClient({ baseUrl: root, retry: { attempts: 1 } })
    .auth.logout(stored.refresh_token)
    .catch((error: unknown) => {
      output.note(`The server was not told: ${error instanceof Error ? error.message : String(error)}`);
    });
  output.note(`Signed out of ${root}`);
  return EXIT.ok;
}

async function whoami({ output, session }: CommandContext): Promise<number> {
  const { root, client } = await session();
  const user = await client.auth.me();
  if (output.json) output.document({ ...user, url: root });
  else output.line(`${user.username} at ${root}  (${user.scopes.join(', ') || 'no scopes'})`);
  return EXIT.ok;
}
