import { UnstorableTextError, type PlatformRepositories } from '@millrace/persistence';
import { expect } from 'chai';
import { createCaller, randomHash, setup, unique, type Bundle } from './support.js';

describe('accounts', () => {
  let bundle: Bundle;

  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  function platform<T>(work: (repositories: PlatformRepositories) => Promise<T>): Promise<T> {
    return bundle.api.asPlatform(work);
  }

  describe('users', () => {
    it('are found by name in any letter case, and by id', async () => {
      const { userId } = await createCaller(bundle, { username: 'Grace.Hopper' });
      const byName = await platform(({ users }) => users.findByUsername('grace.HOPPER'));
      const byId = await platform(({ users }) => users.findById(userId));
      expect(byName).to.deep.include({ id: userId, username: 'Grace.Hopper', disabled: false, email: null });
      expect(byId).to.deep.equal(byName);
    });

    it('are unknown under hostile names and ids, without an error', async () => {
      for (const text of ['', '\0', `' OR 1=1 --`, '\ud800', 'x'.repeat(10_000), '%', '🦊']) {
        expect(await platform(({ users }) => users.findByUsername(text))).to.equal(undefined);
        expect(await platform(({ users }) => users.findById(text))).to.equal(undefined);
        expect(await platform(({ users }) => users.update(text, { disabled: true }))).to.equal(undefined);
        expect(await platform(({ users }) => users.softDelete(text))).to.equal(false);
      }
    });

    it('have one name each, whatever its letter case', async () => {
      await createCaller(bundle, { username: 'Linus' });
      const again = await platform(({ users }) =>
        users.create({ username: 'lINUS', passwordHash: 'x', scopes: [] }),
      );
      expect(again).to.deep.equal({ kind: 'taken' });
    });

    it('are made once by ensureUser, and left alone the second time', async () => {
      const username = unique('admin');
      const ensure = (passwordHash: string): Promise<{ created: boolean; user: { passwordHash: string } }> =>
        platform(({ users }) => users.ensureUser({ username, passwordHash, scopes: ['workflow:read'] }));
      expect(await ensure('first')).to.have.property('created', true);
      const second = await ensure('second');
      expect(second).to.have.property('created', false);
      expect(second.user.passwordHash).to.equal('first');
    });

    it('change only in what is given', async () => {
      const { userId, username } = await createCaller(bundle);
      await platform(({ users }) =>
        users.update(userId, { email: 'a@b.c', fullName: 'A', scopes: ['user:manage'] }),
      );
      const changed = await platform(({ users }) =>
        users.update(userId, { email: null, disabled: true }, userId),
      );
      expect(changed).to.deep.include({
        username,
        email: null,
        fullName: 'A',
        scopes: ['user:manage'],
        disabled: true,
        passwordHash: 'x',
      });
    });

    it('are refused text that cannot be stored', async () => {
      const { userId } = await createCaller(bundle);
      const attempt = platform(({ users }) => users.update(userId, { fullName: 'a\0b' }));
      const error: unknown = await attempt.catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(UnstorableTextError).with.property('field', 'full_name');
    });

    it('show no scope that this build does not know', async () => {
      const { userId } = await createCaller(bundle);
      await bundle.owner.query(`UPDATE users SET scopes = '{workflow:read,root}' WHERE id = $1`, [userId]);
      const user = await platform(({ users }) => users.findById(userId));
      expect(user?.scopes).to.deep.equal(['workflow:read']);
    });

    it('are gone when deleted, but their name stays taken', async () => {
      const { userId, username } = await createCaller(bundle);
      const deleted = await platform(({ users }) => users.softDelete(userId));
      const again = await platform(({ users }) => users.softDelete(userId));
      const found = await platform(({ users }) => users.findByUsername(username));
      const reused = await platform(({ users }) => users.create({ username, passwordHash: 'x', scopes: [] }));
      expect({ deleted, again, found, reused }).to.deep.equal({
        deleted: true,
        again: false,
        found: undefined,
        reused: { kind: 'taken' },
      });
    });

    it('are listed page by page, each once', async () => {
      for (let made = 0; made < 5; made += 1) await createCaller(bundle);
      const whole = await platform(({ users }) => users.list({ limit: 200 }));
      const paged: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await platform(({ users }) => users.list({ limit: 2, cursor }));
        expect(page.items).to.have.length.within(1, 2);
        paged.push(...page.items.map((user) => user.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(paged).to.deep.equal(whole.items.map((user) => user.id));
    });

    it('belong together with other changes where that is asked for', async () => {
      const { userId } = await createCaller(bundle);
      const attempt = bundle.api.asPlatform(
        async ({ users }) => {
          await users.update(userId, { disabled: true });
          throw new Error('not after all');
        },
        { atomic: true },
      );
      expect(await attempt.catch(String)).to.equal('Error: not after all');
      expect(await platform(({ users }) => users.findById(userId))).to.have.property('disabled', false);
    });
  });

  describe('API keys', () => {
    it('are found with their user while they are valid, and listed newest first', async () => {
      const { userId, username } = await createCaller(bundle);
      const [keyHash, second] = [randomHash(), randomHash()];
      const made = await platform(({ apiKeys }) =>
        apiKeys.create({ userId, name: 'ci', prefix: 'mk_abc', keyHash, scopes: ['workflow:read'] }),
      );
      await platform(({ apiKeys }) =>
        apiKeys.create({ userId, name: 'later', prefix: 'mk_def', keyHash: second, scopes: [] }),
      );
      const found = await platform(({ apiKeys }) => apiKeys.findByHash(keyHash));
      const list = await platform(({ apiKeys }) => apiKeys.list(userId));
      expect(made).to.include({ name: 'ci', prefix: 'mk_abc', lastUsedAt: null, expiresAt: null });
      expect(found?.key).to.deep.equal(made);
      expect(found?.user).to.include({ id: userId, username });
      expect(list.map((key) => key.name)).to.deep.equal(['later', 'ci']);
    });

    it('are worth nothing once revoked, expired, or their user deleted', async () => {
      const { userId } = await createCaller(bundle);
      const other = await createCaller(bundle);
      const create = (owner: string, keyHash: Buffer, expiresAt?: Date): Promise<{ id: string }> =>
        platform(({ apiKeys }) =>
          apiKeys.create({ userId: owner, name: 'k', prefix: 'p', keyHash, scopes: [], expiresAt }),
        );
      const [revoked, expired, orphan] = [randomHash(), randomHash(), randomHash()];
      const { id } = await create(userId, revoked);
      await create(userId, expired, new Date(Date.now() - 1_000));
      await create(other.userId, orphan);
      await platform(({ users }) => users.softDelete(other.userId));
      const byStranger = await platform(({ apiKeys }) => apiKeys.revoke(other.userId, id));
      const byOwner = await platform(({ apiKeys }) => apiKeys.revoke(userId, id));
      const twice = await platform(({ apiKeys }) => apiKeys.revoke(userId, id));
      expect([byStranger, byOwner, twice]).to.deep.equal([false, true, false]);
      for (const keyHash of [revoked, expired, orphan, randomHash()]) {
        expect(await platform(({ apiKeys }) => apiKeys.findByHash(keyHash))).to.equal(undefined);
      }
    });

    it('note their use at most once a minute', async () => {
      const { userId } = await createCaller(bundle);
      const { id } = await platform(({ apiKeys }) =>
        apiKeys.create({ userId, name: 'k', prefix: 'p', keyHash: randomHash(), scopes: [] }),
      );
      const touch = async (): Promise<Date | null | undefined> => {
        await platform(({ apiKeys }) => apiKeys.touchLastUsed(id));
        return (await platform(({ apiKeys }) => apiKeys.list(userId)))[0]?.lastUsedAt;
      };
      const first = await touch();
      const again = await touch();
      await bundle.owner.query(`UPDATE api_keys SET last_used_at = now() - interval '61 s' WHERE id = $1`, [
        id,
      ]);
      const later = await touch();
      expect(first).to.be.instanceOf(Date);
      expect(again).to.deep.equal(first);
      expect(later).to.be.greaterThan(new Date(Number(first) - 1));
    });
  });

  describe('stream tickets', () => {
    it('open one stream, also when two ask at once', async () => {
      const { userId } = await createCaller(bundle);
      const ticketHash = randomHash();
      const sessionExpiresAt = new Date('2030-01-01T00:00:00Z');
      await platform(({ tickets }) =>
        tickets.issue({ ticketHash, userId, scopes: ['workflow:read'], sessionExpiresAt }),
      );
      const answers = await Promise.all(
        [1, 2, 3].map(() => platform(({ tickets }) => tickets.consume(ticketHash))),
      );
      expect(answers.filter((answer) => answer !== undefined)).to.deep.equal([
        { userId, scopes: ['workflow:read'], sessionExpiresAt },
      ]);
    });

    it('are worth nothing after 30 seconds', async () => {
      const { userId } = await createCaller(bundle);
      const ticketHash = randomHash();
      await platform(({ tickets }) =>
        tickets.issue({ ticketHash, userId, scopes: [], sessionExpiresAt: new Date() }),
      );
      await bundle.owner.query(
        `UPDATE stream_tickets SET expires_at = expires_at - interval '30 s' WHERE ticket_hash = $1`,
        [ticketHash],
      );
      expect(await platform(({ tickets }) => tickets.consume(ticketHash))).to.equal(undefined);
    });
  });
});
