import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { Io } from '../src/index.js';
import { ask, readPassword } from '../src/session/prompt.js';

function terminal(): { io: Io; type: (text: string) => void; screen: () => string } {
  let screen = '';
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const io: Io = {
    stdin,
    stdout: { write: () => undefined },
    stderr: { write: (text) => (screen += text) },
    env: {},
    home: '/nowhere',
    onInterrupt: () => () => undefined,
  };
  return { io, type: (text) => stdin.write(text), screen: () => screen };
}

describe('the prompt', () => {
  it('reads a password without showing a character of it', async () => {
    const { io, type, screen } = terminal();

    const answer = readPassword(io, false);
    type('s3crex\u{7f}t\r');

    expect(await answer).to.equal('s3cret');
    expect(screen()).to.equal('Password: \n');
  });

  it('shows what is no secret', async () => {
    const { io, type, screen } = terminal();

    const answer = ask(io, 'Username', true);
    type('ada\r');

    expect(await answer).to.equal('ada');
    expect(screen()).to.include('ada');
  });

  it('stops at Ctrl-C', async () => {
    const { io, type } = terminal();

    const answer = ask(io, 'Password', false).catch(String);
    type('s3\u{3}');

    expect(await answer).to.include('Stopped');
  });
});
