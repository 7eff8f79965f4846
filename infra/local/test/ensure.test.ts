import { expect } from 'chai';
import { ensureNode, isInstalled } from '../ensure.js';

const lockOf = (packages: Record<string, object>) => JSON.stringify({ packages: { '': {}, ...packages } });

describe('ensuring a runnable checkout', () => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) {
    it(`accepts Node ${version}`, () => {
      expect(() => ensureNode(version)).not.to.throw();
    });
  }

  for (const version of ['18.20.0', '20.18.9']) {
    it(`refuses Node ${version} in a sentence`, () => {
      expect(() => ensureNode(version)).to.throw(`needs Node.js 20.19 or newer; this is ${version}`);
    });
  }

  it('takes node_modules that hold every locked version', () => {
    const lock = lockOf({ 'node_modules/a': { version: '1.0.0' }, 'packages/x': { version: '0.1.0' } });

    expect(isInstalled(lock, lockOf({ 'node_modules/a': { version: '1.0.0' } }))).to.equal(true);
  });

  it('sees another version and a missing package', () => {
    const lock = lockOf({ 'node_modules/a': { version: '1.1.0' } });

    expect(isInstalled(lock, lockOf({ 'node_modules/a': { version: '1.0.0' } }))).to.equal(false);
    expect(isInstalled(lock, lockOf({}))).to.equal(false);
  });

  it('does not miss optional packages of other platforms', () => {
    const lock = lockOf({ 'node_modules/windows-only': { version: '1.0.0', optional: true } });

    expect(isInstalled(lock, lockOf({}))).to.equal(true);
  });
});
