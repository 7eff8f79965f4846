import { expect } from 'chai';
import { beginAs } from '../src/caller.js';

const userId = '01936d5e-8f00-7abc-8def-0123456789ab';

describe('beginAs', () => {
  it('names the caller for the length of the transaction', () => {
    expect(beginAs({ userId, admin: false })).to.equal(
      `BEGIN; SELECT set_config('millrace.user_id', '${userId}', true), set_config('millrace.admin', 'off', true)`,
    );
    expect(beginAs({ userId, admin: true })).to.include(`set_config('millrace.admin', 'on', true)`);
  });

  it('refuses anything but a UUID, because the text becomes part of a statement', () => {
    for (const text of ['', 'admin', `${userId}'`, `'; DROP TABLE users; --`, `${userId}\n`]) {
      expect(() => beginAs({ userId: text, admin: false })).to.throw(TypeError);
    }
  });
});
