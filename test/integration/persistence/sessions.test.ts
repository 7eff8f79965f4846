import type { LoginThrottle, PlatformRepositories, Rotation } from '@millrace/persistence';
import { expect } from 'chai';
import { createCaller, randomHash, setup, unique, type Bundle } from './support.js';

describe('sessions', () => {
  let bundle: Bundle;

  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  const inAMonth = new Date(Date.now() + 30 * 86_400_000);
  const home = { address: '192.0.2.1', userAgent: 'Firefox' };
  const away = { address: '198.51.100.9', userAgent: 'Safari' };

  interface LogIn {
    userId: string;
    sessionId: string;
    token: Buffer;
  }

  function platform<T>(work: (repositories: PlatformRepositories) => Promise<T>): Promise<T> {
    return bundle.api.asPlatform(work);
  }

  function begin(userId: string, sessionVersion = 0, token = randomHash()) {
    return platform(({ sessions }) =>
      sessions.begin({ userId, sessionVersion, tokenHash: token, expiresAt: inAMonth, ...home }),
    );
  }

  async function logIn(known?: string): Promise<LogIn> {
    const userId = known ?? (await createCaller(bundle)).userId;
    const token = randomHash();
    const begun = await begin(userId, 0, token);
    return { userId, sessionId: begun?.sessionId ?? '', token };
  }

  function rotate(token: Buffer, successor: Buffer = randomHash()): Promise<Rotation> {
    return platform(({ sessions }) => sessions.rotate(token, successor, away));
  }

  describe('refresh tokens', () => {
    /** Moves everything a session did into the past. */
    async function age(sessionId: string, seconds: number): Promise<void> {
      await bundle.owner.query(
        `UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE session_id = $1`,
        [sessionId, seconds],
      );
    }

    it('are exchanged for a successor that keeps session and end', async () => {
      const { userId, sessionId, token } = await logIn();
      const successor = randomHash();
      const first = await rotate(token, successor);
      const second = await rotate(successor);
      const kept = { userId, sessionId, expiresAt: inAMonth, sessionVersion: 0 };
      expect(first).to.deep.equal({ kind: 'rotated', ...kept });
      expect(second).to.have.property('kind', 'rotated');
    });

    it('are not issued for a password that was changed while it was checked', async () => {
      const { userId } = await createCaller(bundle);
      const changed = await platform(({ users }) => users.update(userId, { endSessions: true }));

      expect(changed?.sessionVersion).to.equal(1);
      expect(await begin(userId, 0)).to.equal(undefined);
      expect(await begin(userId, 1)).to.have.property('sessionId');
    });

    it('are unknown when they were never issued', async () => {
      expect(await rotate(randomHash())).to.deep.equal({ kind: 'unknown' });
    });

    it('are forgiven a repeat within 10 seconds, whose answer was lost', async () => {
      const { userId, sessionId, token } = await logIn();
      await rotate(token);
      await age(sessionId, 9);
      const repeated = randomHash();
      expect(await rotate(token, repeated)).to.include({ kind: 'forgiven', userId, sessionId });
      expect(await rotate(repeated)).to.have.property('kind', 'rotated');
    });

    it('count as leaked after 10 seconds: the whole session ends', async () => {
      const { userId, sessionId, token } = await logIn();
      const successor = randomHash();
      await rotate(token, successor);
      await age(sessionId, 11);
      const bystander = await logIn(userId);
      expect(await rotate(token)).to.deep.equal({ kind: 'reused', userId, sessionId });
      expect(await rotate(successor)).to.deep.equal({ kind: 'ended', userId, sessionId });
      expect(await rotate(bystander.token)).to.have.property('kind', 'rotated');
    });

    it('are not forgiven when the answer cannot have been lost, because its token was used', async () => {
      const { token } = await logIn();
      const successor = randomHash();
      await rotate(token, successor);
      await rotate(successor);
      expect(await rotate(token)).to.have.property('kind', 'reused');
    });

    it('rotate once and are forgiven the rest when tabs ask at the same moment', async () => {
      const { token } = await logIn();
      const answers = await Promise.all([1, 2, 3].map(() => rotate(token)));
      expect(answers.map((answer) => answer.kind).sort()).to.deep.equal(['forgiven', 'forgiven', 'rotated']);
    });

    it('expire with their session', async () => {
      const { userId, sessionId, token } = await logIn();
      await bundle.owner.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [sessionId]);
      expect(await rotate(token)).to.deep.equal({ kind: 'expired', userId, sessionId });
    });

    it('end with their session at log-out, whatever their state', async () => {
      const { userId, sessionId, token } = await logIn();
      const successor = randomHash();
      await rotate(token, successor);
      const found = await platform(({ sessions }) => sessions.find(token));
      const ended = await platform(({ sessions }) => sessions.end(userId, sessionId));
      expect(found).to.deep.equal({ sessionId, userId });
      expect(ended).to.equal(true);
      expect(await rotate(successor)).to.have.property('kind', 'ended');
    });

    it('leave no successor alive when a session ends while it rotates', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { userId, sessionId, token } = await logIn();
        const successor = randomHash();
        await Promise.all([
          rotate(token, successor),
          platform(({ sessions }) => sessions.end(userId, sessionId)),
        ]);
        expect((await rotate(successor)).kind).to.be.oneOf(['ended', 'unknown']);
      }
    });

    it('give way to the one a session is given anew', async () => {
      const { userId, sessionId, token } = await logIn();
      const anew = randomHash();
      const renewed = await platform(({ sessions }) => sessions.renew(sessionId, anew));
      await age(sessionId, 11);

      expect(renewed).to.deep.equal({ userId, sessionId, expiresAt: inAMonth, sessionVersion: 0 });
      expect(await rotate(anew)).to.have.property('kind', 'rotated');
      expect(await rotate(token)).to.have.property('kind', 'reused');
      expect(await platform(({ sessions }) => sessions.renew(sessionId, randomHash()))).to.equal(undefined);
    });
  });

  describe('sessions', () => {
    const list = (userId: string, limit = 50, cursor?: string) =>
      platform(({ sessions }) => sessions.list(userId, { limit, cursor }));

    it('are listed newest first, page by page, with where they were last used from', async () => {
      const first = await logIn();
      const second = await logIn(first.userId);
      await rotate(first.token);

      const all = await list(first.userId);
      const one = await list(first.userId, 1);
      const rest = await list(first.userId, 1, one.nextCursor);

      expect(all.items.map(({ id }) => id)).to.deep.equal([second.sessionId, first.sessionId]);
      expect(all.items[0]).to.include(home);
      expect(all.items[1]).to.include(away);
      expect(all.items[1]?.lastUsedAt).to.be.greaterThan(all.items[1]?.createdAt ?? new Date());
      expect([...one.items, ...rest.items]).to.deep.equal(all.items);
      expect(rest.nextCursor).to.equal(undefined);
    });

    it('are not listed once they have ended or expired', async () => {
      const [ended, expired, live] = [await logIn(), await logIn(), await logIn()];
      await platform(({ sessions }) => sessions.end(ended.userId, ended.sessionId));
      await bundle.owner.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [expired.sessionId]);

      for (const [{ userId }, count] of [
        [ended, 0],
        [expired, 0],
        [live, 1],
      ] as const) {
        expect((await list(userId)).items).to.have.length(count);
      }
    });

    it('are ended once, and by their user alone', async () => {
      const { userId, sessionId } = await logIn();
      const stranger = await createCaller(bundle);
      const end = (user: string, id = sessionId) => platform(({ sessions }) => sessions.end(user, id));

      expect(await end(stranger.userId)).to.equal(false);
      expect(await end(userId)).to.equal(true);
      expect(await end(userId)).to.equal(false);
      for (const odd of ['', '\0', 'x'.repeat(10_000)]) expect(await end(userId, odd)).to.equal(false);
    });

    it('end all at once, but for the one to keep', async () => {
      const kept = await logIn();
      const { userId } = kept;
      const others = [await logIn(userId), await logIn(userId)];
      const bystander = await logIn();

      const ended = await platform(({ sessions }) => sessions.endAll(userId, kept.sessionId));

      expect(ended).to.equal(2);
      for (const { token } of others) expect(await rotate(token)).to.have.property('kind', 'ended');
      for (const { token } of [kept, bystander]) {
        expect(await rotate(token)).to.have.property('kind', 'rotated');
      }
      expect(await platform(({ sessions }) => sessions.endAll(userId))).to.equal(1);
    });

    it('end with a new password, which only who knew the present one sets', async () => {
      const { userId } = await createCaller(bundle);
      const change = (passwordHash: string, sessionVersion: number) =>
        platform(({ users }) => users.changePassword(userId, { passwordHash, sessionVersion }));

      const [first, late] = [await change('mine', 0), await change('theirs', 0)];

      expect([first, late]).to.deep.equal([1, undefined]);
      expect(await platform(({ users }) => users.findById(userId))).to.include({
        passwordHash: 'mine',
        sessionVersion: 1,
      });
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
