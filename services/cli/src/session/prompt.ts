import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from '../errors.js';
import { readAll, type Io } from '../io.js';

/** Asks on stderr, so that a piped stdout stays clean. Throws when nobody is there to answer. */
export function ask(io: Io, question: string, echo: boolean): Promise<string> {
  if (io.stdin.isTTY !== true) {
    return Promise.reject(
      new CliError(
        `No terminal to ask for the ${question.toLowerCase()}`,
        'Give --username, and the password by --password-stdin or MILLRACE_PASSWORD.',
      ),
    );
  }
  io.stderr.write(`${question}: `);
  // readline draws what is typed by itself: into nothing when it must not be seen.
  const screen = new Writable({
    write(chunk, _encoding, done) {
      if (echo) io.stderr.write(String(chunk));
      done();
    },
  });
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input: io.stdin, output: screen, terminal: true });
    let answered = false;
    reader.on('line', (answer) => {
      answered = true;
      reader.close();
      resolve(answer);
    });
    reader.on('close', () => {
      // The end of a line that was shown was shown, too.
      if (!echo || !answered) io.stderr.write('\n');
      if (!answered) reject(new CliError('Stopped'));
    });
  });
}

/** From --password-stdin, the environment, or a prompt without echo, in this order. Never from an argument: those are public. */
export async function readPassword(io: Io, fromStdin: boolean): Promise<string> {
  const password = fromStdin
    ? (await readAll(io.stdin)).replace(/\r?\n$/, '')
    : io.env['MILLRACE_PASSWORD'] || (await ask(io, 'Password', false));
  if (password === '') throw new CliError('The password is empty');
  return password;
}
