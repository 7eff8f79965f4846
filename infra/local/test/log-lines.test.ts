import { expect } from 'chai';
import { notable, withoutRepeats } from '../log-lines.js';

describe('what a service writes', () => {
  it('stays in its file below warning', () => {
    expect(notable('{"level":30,"msg":"listening"}')).to.equal(undefined);
    expect(notable('{"level":"info","msg":"listening"}')).to.equal(undefined);
    expect(notable('{"time":1,"level":20,"msg":"polled"}')).to.equal(undefined);
  });

  it('is said with its cause from warning on', () => {
    const line = JSON.stringify({
      level: 50,
      msg: 'append failed',
      err: { message: 'connection reset', stack: 'x' },
    });

    expect(notable(line)).to.deep.equal({ level: 50, text: 'append failed: connection reset' });
    expect(notable('{"level":"warn","message":"redis is away"}')).to.deep.equal({
      level: 40,
      text: 'redis is away',
    });
  });

  it("is said of a crash's words, without its stack", () => {
    expect(notable('Error: cannot open the queue')?.text).to.equal('Error: cannot open the queue');
    expect(notable('    at run (file:///x.js:1:1)')).to.equal(undefined);
    expect(notable('Node.js v20.19.0')).to.equal(undefined);
    expect(notable('')).to.equal(undefined);
  });

  it('is not repeated while it says the same', () => {
    const said: string[] = [];
    let now = 0;
    const say = withoutRepeats((line) => said.push(line), { quietMs: 100, now: () => now });

    say('down');
    say('down');
    say('other');
    now = 150;
    say('down');

    expect(said).to.deep.equal(['down', 'other', 'down']);
  });
});
