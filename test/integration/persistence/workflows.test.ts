import {
  InvalidCursorError,
  UnstorableTextError,
  type Caller,
  type WorkflowFilter,
} from '@millrace/persistence';
import { expect } from 'chai';
import { createCaller, createWorkflow, definitionOf, hash, setup, unique, type Bundle } from './support.js';

describe('workflows', () => {
  let bundle: Bundle;
  let ada: Caller & { username: string };
  let admin: Caller & { username: string };

  before(async () => {
    bundle = await setup();
  });
  beforeEach(async () => {
    ada = await createCaller(bundle);
    admin = await createCaller(bundle, { admin: true });
  });
  after(() => bundle.end());

  async function ids(filter: Partial<WorkflowFilter>, caller: Caller = ada): Promise<string[]> {
    const page = await bundle.api.asCaller(caller, ({ workflows }) =>
      workflows.list({ limit: 50, ...filter }),
    );
    return page.items.map((item) => item.id);
  }

  describe('create', () => {
    it('stores the definition, version 1 and what lists need', async () => {
      const definition = definitionOf({
        name: 'Full pipeline',
        description: 'All of it',
        nodes: [
          {
            id: 'a',
            type: 'set',
            position: { x: 1, y: 2 },
            data: { config: {}, on_error: 'fail', join: 'all', disabled: false },
          },
        ],
        metadata: { tags: ['dev', 'dev', 'x'], team: 'core' },
      });
      const made = await bundle.api.asCaller(ada, ({ workflows }) =>
        workflows.create({ definition, fingerprint: hash('graph') }),
      );
      if (made.kind !== 'created') throw new Error('the id was taken');
      const version = await bundle.api.asCaller(ada, ({ versions }) => versions.get(made.workflow.id, 1));

      expect(made.workflow.id).to.match(/^wf_[0-9a-f-]{36}$/);
      expect(made.workflow).to.deep.include({
        name: 'Full pipeline',
        description: 'All of it',
        status: 'active',
        ownerId: ada.userId,
        owner: ada.username,
        createdBy: ada.username,
        updatedBy: ada.username,
        version: 1,
        revision: 1,
        nodeCount: 1,
        tags: ['dev', 'x'],
        metadata: { tags: ['dev', 'dev', 'x'], team: 'core' },
        deletedAt: null,
        definition,
      });
      expect(version).to.deep.include({
        version: 1,
        definition,
        createdBy: ada.username,
        fingerprint: hash('graph'),
      });
    });

    it('answers that an id is taken by anyone, also by a deleted workflow', async () => {
      const id = unique('mine');
      const bob = await createCaller(bundle);
      await createWorkflow(bundle, bob, { id });
      const create = (): Promise<unknown> =>
        bundle.api.asCaller(ada, ({ workflows }) =>
          workflows.create({ id, definition: definitionOf(), fingerprint: hash('graph') }),
        );
      const foreign = await create();
      await bundle.api.asCaller(bob, ({ workflows }) => workflows.softDelete(id));
      expect([foreign, await create()]).to.deep.equal([{ kind: 'taken' }, { kind: 'taken' }]);
    });

    it('gives an id to one of those who ask for it at once', async () => {
      const id = unique('race');
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() =>
          bundle.api.asCaller(ada, ({ workflows }) =>
            workflows.create({ id, definition: definitionOf(), fingerprint: hash('graph') }),
          ),
        ),
      );
      expect(answers.map((answer) => answer.kind).sort()).to.deep.equal([
        'created',
        'taken',
        'taken',
        'taken',
      ]);
    });

    it('refuses text that cannot be stored, naming the field', async () => {
      for (const [field, definition] of [
        ['name', definitionOf({ name: 'a\0' })],
        ['description', definitionOf({ description: '\ud800' })],
        ['metadata', definitionOf({ metadata: { deep: [{ er: '\0' }] } })],
        ['metadata', definitionOf({ metadata: { '\0': 1 } })],
      ] as const) {
        const attempt = bundle.api.asCaller(ada, ({ workflows }) =>
          workflows.create({ definition, fingerprint: hash('graph') }),
        );
        const error: unknown = await attempt.catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(UnstorableTextError).with.property('field', field);
      }
    });
  });

  describe('save', () => {
    it('publishes a version when the graph changed and raises only the revision when it did not', async () => {
      const id = await createWorkflow(bundle, ada);
      const save = (name: string, graph: string): Promise<unknown> =>
        bundle.api.asCaller(ada, ({ workflows }) =>
          workflows.save(id, { definition: definitionOf({ name }), fingerprint: hash(graph) }),
        );
      expect(await save('Renamed', 'graph')).to.deep.nested.include({
        kind: 'saved',
        published: false,
        'workflow.version': 1,
        'workflow.revision': 2,
        'workflow.name': 'Renamed',
      });
      expect(await save('Changed', 'other')).to.deep.nested.include({
        kind: 'saved',
        published: true,
        'workflow.version': 2,
        'workflow.revision': 3,
      });
      const versions = await bundle.api.asCaller(ada, async (r) => ({
        list: (await r.versions.list(id, { limit: 10 })).items.map((item) => item.version),
        first: (await r.versions.get(id, 1))?.definition.name,
        second: (await r.versions.get(id, 2))?.definition.name,
        third: await r.versions.get(id, 3),
        odd: await r.versions.get(id, 2.5),
      }));
      expect(versions).to.deep.equal({
        list: [2, 1],
        first: 'Nightly report',
        second: 'Changed',
        third: undefined,
        odd: undefined,
      });
    });

    it('writes nothing when the revision is another than expected', async () => {
      const id = await createWorkflow(bundle, ada);
      const write = (expectedRevision: number): Promise<unknown> =>
        bundle.api.asCaller(ada, ({ workflows }) =>
          workflows.save(id, {
            definition: definitionOf({ name: 'New' }),
            fingerprint: hash('x'),
            expectedRevision,
          }),
        );
      expect(await write(7)).to.deep.equal({ kind: 'stale', revision: 1 });
      expect(await write(1)).to.have.property('kind', 'saved');
      expect(await write(1)).to.deep.equal({ kind: 'stale', revision: 2 });
    });

    it('lets one of several win who expect the same revision', async () => {
      const id = await createWorkflow(bundle, ada);
      const answers = await Promise.all(
        [1, 2, 3, 4].map((n) =>
          bundle.api.asCaller(ada, ({ workflows }) =>
            workflows.save(id, {
              definition: definitionOf(),
              fingerprint: hash(String(n)),
              expectedRevision: 1,
            }),
          ),
        ),
      );
      expect(answers.map((answer) => answer.kind).sort()).to.deep.equal(['saved', 'stale', 'stale', 'stale']);
    });

    it('gives every concurrent change a version of its own when nothing is expected', async () => {
      const id = await createWorkflow(bundle, ada);
      await Promise.all(
        [1, 2, 3, 4].map((n) =>
          bundle.api.asCaller(ada, ({ workflows }) =>
            workflows.save(id, { definition: definitionOf(), fingerprint: hash(String(n)) }),
          ),
        ),
      );
      const workflow = await bundle.api.asCaller(ada, ({ workflows }) => workflows.get(id));
      expect(workflow).to.include({ version: 5, revision: 5 });
    });

    it('names the last editor and keeps the owner', async () => {
      const id = await createWorkflow(bundle, ada);
      const saved = await bundle.api.asCaller(admin, ({ workflows }) =>
        workflows.save(id, { definition: definitionOf(), fingerprint: hash('graph') }),
      );
      expect(saved).to.deep.nested.include({
        'workflow.owner': ada.username,
        'workflow.createdBy': ada.username,
        'workflow.updatedBy': admin.username,
      });
    });
  });

  it('are archived, transferred and deleted by patch and softDelete, each raising the revision', async () => {
    const id = await createWorkflow(bundle, ada);
    const archived = await bundle.api.asCaller(ada, ({ workflows }) =>
      workflows.patch(id, { status: 'archived' }),
    );
    const bob = await createCaller(bundle);
    const moved = await bundle.api.asCaller(admin, ({ workflows }) =>
      workflows.patch(id, { ownerId: bob.userId }),
    );
    const stale = await bundle.api.asCaller(bob, ({ workflows }) =>
      workflows.softDelete(id, { expectedRevision: 1 }),
    );
    const deleted = await bundle.api.asCaller(bob, ({ workflows }) => workflows.softDelete(id));
    expect(archived).to.deep.nested.include({
      kind: 'saved',
      'workflow.status': 'archived',
      'workflow.revision': 2,
    });
    expect(moved).to.deep.nested.include({
      kind: 'saved',
      'workflow.owner': bob.username,
      'workflow.revision': 3,
    });
    expect(stale).to.deep.equal({ kind: 'stale', revision: 3 });
    expect(deleted).to.deep.equal({ kind: 'deleted' });
    const after = await bundle.api.asCaller(bob, async ({ workflows, versions, access }) => ({
      gone: await workflows.get(id),
      kept: (await workflows.get(id, { deleted: true }))?.revision,
      again: await workflows.softDelete(id),
      save: await workflows.save(id, { definition: definitionOf(), fingerprint: hash('graph') }),
      listed: (await workflows.list({ limit: 10 })).items,
      version: (await versions.get(id, 1))?.version,
      access: await access.workflow(id),
    }));
    expect(after).to.deep.equal({
      gone: undefined,
      kept: 4,
      again: { kind: 'unknown' },
      save: { kind: 'unknown' },
      listed: [],
      version: 1,
      access: { ownerId: bob.userId, deleted: true },
    });
  });

  describe('list', () => {
    it('is newest first, own ones only, and pages without gap or repeat while rows are added', async () => {
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.unshift(await createWorkflow(bundle, ada));
      await createWorkflow(bundle, await createCaller(bundle));
      const page = await bundle.api.asCaller(ada, ({ workflows }) => workflows.list({ limit: 2 }));
      await createWorkflow(bundle, ada);
      const rest = await bundle.api.asCaller(ada, ({ workflows }) =>
        workflows.list({ limit: 3, cursor: page.nextCursor }),
      );
      expect([...page.items, ...rest.items].map((item) => item.id)).to.deep.equal(made);
      expect(rest).to.not.have.property('nextCursor');
      expect(page.items[0]).to.not.have.property('definition');
    });

    it('shows an admin everything, or what one owner has', async () => {
      const mine = await createWorkflow(bundle, ada);
      const theirs = await createWorkflow(bundle, await createCaller(bundle));
      expect(await ids({}, admin)).to.include.members([mine, theirs]);
      expect(await ids({ ownerId: ada.userId }, admin)).to.deep.equal([mine]);
    });

    it('filters by status, tag, metadata and words, alone and together', async () => {
      const plain = await createWorkflow(bundle, ada, {
        name: 'Weekly e-mail digest',
        description: 'to ops@example.com, v1.2',
      });
      const tagged = await createWorkflow(bundle, ada, {
        name: 'Ünïcode Straße 東京',
        metadata: { tags: ['a', 'b c'], team: { name: 'core' } },
      });
      await bundle.api.asCaller(ada, ({ workflows }) => workflows.patch(tagged, { status: 'archived' }));
      expect({
        status: await ids({ status: 'archived' }),
        tag: await ids({ tag: 'b c' }),
        tagStatus: await ids({ tag: 'a', status: 'active' }),
        noTag: await ids({ tag: 'nope' }),
        metadata: await ids({ metadata: { team: { name: 'core' } }, tag: 'a' }),
        prefix: await ids({ search: 'dig wee' }),
        inDescription: await ids({ search: 'EXAMPLE' }),
        address: await ids({ search: 'ops@example.com' }),
        version: await ids({ search: 'v1.2' }),
        hyphen: await ids({ search: 'e-mail' }),
        allWords: await ids({ search: 'weekly missing' }),
        unicode: await ids({ search: 'ünï STRASSE'.replace('STRASSE', 'straße') }),
        japanese: await ids({ search: '東' }),
        searchTag: await ids({ search: 'straße', tag: 'a' }),
        searchStatus: await ids({ search: 'straße', status: 'active' }),
        admin: await ids({ search: 'digest', ownerId: ada.userId }, admin),
      }).to.deep.equal({
        status: [tagged],
        tag: [tagged],
        tagStatus: [],
        noTag: [],
        metadata: [tagged],
        prefix: [plain],
        inDescription: [plain],
        address: [plain],
        version: [plain],
        hyphen: [plain],
        allWords: [],
        unicode: [tagged],
        japanese: [tagged],
        searchTag: [tagged],
        searchStatus: [],
        admin: [plain],
      });
    });

    it('pages through what a search found', async () => {
      const word = unique('word').replace('_', '');
      const made: string[] = [];
      for (let n = 0; n < 4; n += 1)
        made.unshift(await createWorkflow(bundle, ada, { name: `${word} ${String(n)}` }));
      const first = await bundle.api.asCaller(ada, ({ workflows }) =>
        workflows.list({ limit: 3, search: word }),
      );
      const second = await bundle.api.asCaller(ada, ({ workflows }) =>
        workflows.list({ limit: 3, search: word, cursor: first.nextCursor }),
      );
      expect([...first.items, ...second.items].map((item) => item.id)).to.deep.equal(made);
    });

    it('takes any text as search, tag and id without an error', async () => {
      const hostile = [
        '',
        ' ',
        '\0',
        '\ud800',
        `'`,
        `''`,
        '\\',
        `\\'`,
        '& | ! ( ) : * <->',
        `a' | 'b`,
        'a:*b',
        '%',
        '$1',
        ';--',
        '🦊',
        '\u0301',
        '\u200b',
        '١٢٣',
        '²',
        'ª',
        'x'.repeat(5_000),
        'w '.repeat(500),
        `'); DROP TABLE workflows; --`,
      ];
      await createWorkflow(bundle, ada);
      for (const text of hostile) {
        expect(await ids({ search: text }), JSON.stringify(text)).to.deep.equal([]);
        expect(await ids({ tag: text })).to.deep.equal([]);
        const answers = await bundle.api.asCaller(
          ada,
          async ({ workflows, drafts, versions, executions }) => [
            await workflows.get(text),
            await drafts.get(text),
            await versions.get(text, 1),
            await executions.get(text),
            (await executions.list({ limit: 1, workflowId: text })).items[0],
          ],
        );
        expect(answers).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
      }
      expect(await ids({ search: 'a'.repeat(2_000) })).to.deep.equal([]);
    });

    it('refuses a cursor it has not given out', async () => {
      for (const cursor of ['', 'abc', '1', `' OR 1=1`, '\0']) {
        for (const filter of [{ cursor }, { cursor, search: 'a' }]) {
          const error: unknown = await ids(filter).catch((reason: unknown) => reason);
          expect(error).to.be.instanceOf(InvalidCursorError);
        }
        const versions = bundle.api.asCaller(ada, (r) =>
          r.versions.list('wf', { limit: 1, cursor: `x${cursor}` }),
        );
        expect(await versions.catch((reason: unknown) => reason)).to.be.instanceOf(InvalidCursorError);
      }
    });
  });

  describe('drafts', () => {
    it('are saved without publishing, with revisions that go on from those of the workflow', async () => {
      const id = await createWorkflow(bundle, ada);
      const put = (text: string, expected?: number): Promise<unknown> =>
        bundle.api.asCaller(ada, ({ drafts }) => drafts.put(id, { name: text }, expected));
      expect(await bundle.api.asCaller(ada, ({ drafts }) => drafts.get(id))).to.equal(undefined);
      expect(await put('one', 3)).to.deep.equal({ kind: 'stale', revision: 1 });
      expect(await put('one', 1)).to.deep.nested.include({ kind: 'saved', 'draft.revision': 2 });
      expect(await put('two', 2)).to.deep.nested.include({
        'draft.revision': 3,
        'draft.updatedBy': ada.username,
      });
      expect(await put('three', 2)).to.deep.equal({ kind: 'stale', revision: 3 });
      expect(await put('\0 odd \ud800')).to.deep.nested.include({
        'draft.definition': { name: '\0 odd \ud800' },
      });
      const after = await bundle.api.asCaller(ada, async ({ workflows, drafts }) => ({
        workflow: (await workflows.get(id))?.revision,
        discarded: await drafts.discard(id),
        again: await drafts.discard(id),
      }));
      expect(after).to.deep.equal({ workflow: 1, discarded: true, again: false });
    });

    it('have one winner when two first drafts come at once', async () => {
      const id = await createWorkflow(bundle, ada);
      const answers = await Promise.all(
        ['a', 'b'].map((name) => bundle.api.asCaller(ada, ({ drafts }) => drafts.put(id, { name }, 1))),
      );
      expect(answers.map((answer) => answer.kind).sort()).to.deep.equal(['saved', 'stale']);
    });
  });
});
