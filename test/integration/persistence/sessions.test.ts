import type { LoginThrottle, Rotation } from '@millrace/persistence';
import { expect } from 'chai';
import { createCaller, randomHash, setup, unique, type Bundle } from './support.js';

describe('sessions', () => {
  let bundle: Bundle;

  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  describe('refresh tokens', () => {
    const inAMonth = new Date(Date.now() + 30 * 86_400_000);

    interface Session {
      userId: string;
      familyId: string;
      token: Buffer;
    }

    async function login(userId?: string): Promise<Session> {
      const id = userId ?? (await createCaller(bundle)).userId;
      const token = randomHash();
      const issued = await bundle.api.asPlatform(({ refreshTokens }) =>
        refreshTokens.issue({ userId: id, tokenHash: token, expiresAt: inAMonth }),
      );
      return { userId: id, familyId: issued?.familyId ?? '', token };
    }

    function rotate(token: Buffer, successor: Buffer = randomHash()): Promise<Rotation> {
      return bundle.api.asPlatform(({ refreshTokens }) => refreshTokens.rotate(token, successor));
    }

    /** Moves everything a family did into the past. */
    async function age(familyId: string, seconds: number): Promise<void> {
      await bundle.owner.query(
        `UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE family_id = $1`,
        [familyId, seconds],
      );
    }

    it('are exchanged for a successor that keeps family and end', async () => {
      const { userId, familyId, token } = await login();
      const successor = randomHash();
      const first = await rotate(token, successor);
      const second = await rotate(successor);
      const kept = { userId, familyId, expiresAt: inAMonth, sessionVersion: 0 };
      expect(first).to.deep.equal({ kind: 'rotated', ...kept });
      expect(second).to.have.property('kind', 'rotated');
    });

    it('are not issued for a password that was changed while it was checked', async () => {
      const { userId } = await createCaller(bundle);
      const issue = (sessionVersion: number) =>
        bundle.api.asPlatform(({ refreshTokens }) =>
          refreshTokens.issue({ userId, sessionVersion, tokenHash: randomHash(), expiresAt: inAMonth }),
        );
      const changed = await bundle.api.asPlatform(({ users }) => users.update(userId, { endSessions: true }));

      expect(changed?.sessionVersion).to.equal(1);
      expect(await issue(0)).to.equal(undefined);
      expect(await issue(1)).to.have.property('familyId');
    });

    it('can be given a later end', async () => {
      const { token } = await login();
      const later = new Date(Date.now() + 60 * 86_400_000);
      const answer = await bundle.api.asPlatform(({ refreshTokens }) =>
        refreshTokens.rotate(token, randomHash(), later),
      );
      expect(answer).to.deep.include({ kind: 'rotated', expiresAt: later });
    });

    it('are unknown when they were never issued', async () => {
      expect(await rotate(randomHash())).to.deep.equal({ kind: 'unknown' });
    });

    it('are forgiven a repeat within 10 seconds, whose answer was lost', async () => {
      const { userId, familyId, token } = await login();
      await rotate(token);
      await age(familyId, 9);
      const repeated = randomHash();
      expect(await rotate(token, repeated)).to.include({ kind: 'forgiven', userId, familyId });
      expect(await rotate(repeated)).to.have.property('kind', 'rotated');
    });

    it('count as leaked after 10 seconds: the whole family ends', async () => {
      const { userId, familyId, token } = await login();
      const successor = randomHash();
      await rotate(token, successor);
      await age(familyId, 11);
      const bystander = await login(userId);
      expect(await rotate(token)).to.deep.equal({ kind: 'reused', userId, familyId });
      expect(await rotate(successor)).to.deep.equal({ kind: 'revoked', userId, familyId });
      expect(await rotate(bystander.token)).to.have.property('kind', 'rotated');
    });

    it('are not forgiven when the answer cannot have been lost, because its token was used', async () => {
      const { token } = await login();
      const successor = randomHash();
      await rotate(token, successor);
      await rotate(successor);
      expect(await rotate(token)).to.have.property('kind', 'reused');
    });

    it('rotate once and are forgiven the rest when tabs ask at the same moment', async () => {
      const { token } = await login();
      const answers = await Promise.all([1, 2, 3].map(() => rotate(token)));
      expect(answers.map((answer) => answer.kind).sort()).to.deep.equal(['forgiven', 'forgiven', 'rotated']);
    });

    it('expire', async () => {
      const { userId, familyId, token } = await login();
      await bundle.owner.query('UPDATE refresh_tokens SET expires_at = now() WHERE family_id = $1', [
        familyId,
      ]);
      expect(await rotate(token)).to.deep.equal({ kind: 'expired', userId, familyId });
    });

    it('end with their family at log-out, and with their user', async () => {
      const first = await login();
      const second = await login(first.userId);
      const third = await login(first.userId);
      const family = await bundle.api.asPlatform(({ refreshTokens }) =>
        refreshTokens.findFamily(first.token),
      );
      const loggedOut = await bundle.api.asPlatform(({ refreshTokens }) =>
        refreshTokens.revokeFamily(first.familyId),
      );
      const answers = [await rotate(first.token), await rotate(second.token)];
      const ended = await bundle.api.asPlatform(({ refreshTokens }) =>
        refreshTokens.revokeUser(first.userId),
      );
      expect(family).to.deep.equal({ familyId: first.familyId, userId: first.userId });
      expect(loggedOut).to.equal(1);
      expect(answers.map((answer) => answer.kind)).to.deep.equal(['revoked', 'rotated']);
      // The second, its successor and the third.
      expect(ended).to.equal(3);
      expect(await rotate(third.token)).to.have.property('kind', 'revoked');
    });

    it('leave no successor alive when a family is revoked while it rotates', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { familyId, token } = await login();
        await Promise.all([
          rotate(token),
          bundle.api.asPlatform(({ refreshTokens }) => refreshTokens.revokeFamily(familyId)),
        ]);
        const { rows } = await bundle.owner.query(
          'SELECT 1 FROM refresh_tokens WHERE family_id = $1 AND revoked_at IS NULL',
          [familyId],
        );
        expect(rows).to.deep.equal([]);
      }
    });
  });

  describe('failed log-ins', () => {
    const address = '192.0.2.7';
    let username: string;

    beforeEach(() => {
      username = unique('victim');
    });

    function record(): Promise<LoginThrottle> {
      return bundle.api.asPlatform(({ loginFailures }) => loginFailures.record(username, address));
    }

    function check(from = address): Promise<LoginThrottle> {
      return bundle.api.asPlatform(({ loginFailures }) => loginFailures.check(username, from));
    }

    async function fail(times: number): Promise<LoginThrottle> {
      let last: LoginThrottle = { blocked: false, retryAfterSeconds: 0 };
      for (let failure = 0; failure < times; failure += 1) last = await record();
      return last;
    }

    async function age(seconds: number): Promise<void> {
      await bundle.owner.query(
        `UPDATE login_failures SET window_ends_at = window_ends_at - make_interval(secs => $2),
           blocked_until = blocked_until - make_interval(secs => $2) WHERE username = $1`,
        [username, seconds],
      );
    }

    it('are free nine times and block at the tenth', async () => {
      const free = { blocked: false, retryAfterSeconds: 0 };
      expect(await fail(9)).to.deep.equal(free);
      expect(await check()).to.deep.equal(free);
      expect(await record()).to.deep.equal({ blocked: true, retryAfterSeconds: 30 });
      expect(await check()).to.have.property('blocked', true);
    });

    it('count by user and address, whatever the letter case', async () => {
      await fail(10);
      const elsewhere = await check('198.51.100.1');
      username = username.toUpperCase();
      expect(await check()).to.have.property('blocked', true);
      expect(elsewhere).to.have.property('blocked', false);
    });

    it('block longer each time, an hour at most', async () => {
      await fail(10);
      const waits: number[] = [];
      for (let attempt = 0; attempt < 9; attempt += 1) {
        await age(waits.at(-1) ?? 30);
        expect(await check()).to.have.property('blocked', false);
        waits.push((await record()).retryAfterSeconds);
      }
      expect(waits).to.deep.equal([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    });

    it('are forgotten when their 15 minutes are over', async () => {
      await fail(9);
      await age(15 * 60);
      expect(await fail(9)).to.have.property('blocked', false);
      expect(await record()).to.have.property('blocked', true);
    });

    it('are remembered for 15 minutes after a block', async () => {
      await fail(10);
      await age(30 + 14 * 60);
      expect(await record()).to.deep.equal({ blocked: true, retryAfterSeconds: 60 });
      await age(60 + 15 * 60);
      expect(await record()).to.deep.equal({ blocked: false, retryAfterSeconds: 0 });
    });

    it('are cleared by a log-in that succeeds', async () => {
      await fail(10);
      await bundle.api.asPlatform(({ loginFailures }) => loginFailures.clear(username, address));
      expect(await check()).to.have.property('blocked', false);
    });

    it('lose none when many come at once', async () => {
      await Promise.all(Array.from({ length: 10 }, record));
      expect(await check()).to.have.property('blocked', true);
    });

    it('take any user name', async () => {
      for (const odd of ['', '\0', 'x'.repeat(100_000), '\ud800', `'; DROP TABLE users; --`]) {
        username = odd;
        expect(await fail(10)).to.have.property('blocked', true);
      }
    });
  });
});
