import { definition as definitionSchema, type Definition } from '@millrace/contracts';
import type { Page, PageRequest, WorkflowVersionRecord, WorkflowVersionSummary } from '@millrace/persistence';
import { notFound, parseRequest, type Principal } from '@millrace/service-kit';
import { DENIED, explainHiddenWorkflow, requireWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { checkCode } from './code-check.js';
import { checkDefinition } from './definition.js';
import { expectation, type Saved, stale } from './service.js';

export interface WorkflowVersions {
  /** Of a deleted workflow too, as `get`: history stays readable. `current` is the version that runs. */
  list(
    caller: Principal,
    id: string,
    request: PageRequest,
  ): Promise<{ current: number; page: Page<WorkflowVersionSummary> }>;
  /** Below zero: of a draft that was tested. */
  get(
    caller: Principal,
    id: string,
    version: string,
  ): Promise<{ current: number; found: WorkflowVersionRecord }>;
  /** Publishes the content of an earlier version; name, description and metadata are those of now. */
  restore(caller: Principal, id: string, version: string, ifMatch?: string): Promise<Saved>;
}

export function createWorkflowVersions({
  db,
  codeChecker,
}: Pick<GatewayContext, 'db' | 'codeChecker'>): WorkflowVersions {
  const unknownVersion = (id: string, version: string): Error =>
    notFound('Version', `${version.slice(0, 20)} of workflow ${id}`);

  return {
    async list(caller, id, request) {
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow, deleted: true });
      return db.asCaller(asDatabaseCaller(caller), async ({ workflows, versions }) => ({
        current: (await workflows.get(id, { deleted: true }))?.version ?? 0,
        page: await versions.list(id, request),
      }));
    },

    async get(caller, id, version) {
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow, deleted: true });
      const [current, found] = await db.asCaller(
        asDatabaseCaller(caller),
        async ({ workflows, versions }) => [
          (await workflows.get(id, { deleted: true }))?.version ?? 0,
          await versions.get(id, version.startsWith('-') ? -numberOf(version.slice(1)) : numberOf(version)),
        ],
      );
      if (!found) throw unknownVersion(id, version);
      return { current, found };
    },

    async restore(caller, id, version, ifMatch) {
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow });
      // A version never changes: it is read and checked once, and nothing below zero is found here.
      const earlier = await db.asCaller(asDatabaseCaller(caller), ({ versions }) =>
        versions.get(id, numberOf(version)),
      );
      if (!earlier) throw unknownVersion(id, version);
      await checkCode(codeChecker, earlier.definition);
      for (;;) {
        const outcome = await db.asCaller(asDatabaseCaller(caller), async ({ workflows, drafts }) => {
          const expected = await expectation(workflows, id, ifMatch);
          const current = await workflows.get(id);
          if (!current) return { kind: 'unknown' } as const;
          const write = await workflows.save(id, {
            ...checkDefinition(contentOf(earlier.definition, current.definition)),
            expectedRevision: expected ?? current.revision,
            restoredFrom: earlier.version,
          });
          if (write.kind === 'saved') await drafts.discard(id);
          return write;
        });
        if (outcome.kind === 'saved') return outcome;
        if (outcome.kind === 'unknown') throw await explainHiddenWorkflow(db, id, DENIED.workflow);
        // Somebody wrote since it was read: a reason to refuse only for who asked that nobody has.
        if (ifMatch !== undefined) throw stale(id, outcome.revision);
      }
    },
  };
}

/** What no version has for everything but a number in digits. */
function numberOf(version: string): number {
  return /^[1-9]\d{0,9}$/.test(version) ? Number(version) : 0;
}

/** What a version decides, under the name the workflow has now. Checked as it would be today. */
function contentOf(earlier: Definition, { name, description, metadata }: Definition): Definition {
  return parseRequest('body', definitionSchema, { ...earlier, name, description, metadata });
}
