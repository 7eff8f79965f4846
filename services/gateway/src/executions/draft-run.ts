import type { ExecuteResponse, JsonObject } from '@millrace/contracts';
import type { DraftRecord, WorkflowRecord } from '@millrace/persistence';
import { hasScope, insufficientScope, type Principal, staleRevision } from '@millrace/service-kit';
import { DENIED, explainHiddenWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { matchesRevision } from '../http/etag.js';
import { checkCode } from '../workflows/code-check.js';
import { checkDraft } from '../workflows/definition.js';
import { archived } from './admission.js';
import type { Submissions, SubmitOptions } from './submission.js';

export interface DraftRuns {
  /**
   * Keeps the draft, or where there is none what is published, as a test version, and runs that. Problems of the draft
   * are those of publishing it (400, 422 with `loc` behind `draft`); `ifMatch` is compared with its revision (412).
   */
  run(
    caller: Principal,
    workflowId: string,
    parameters: JsonObject,
    options: Omit<SubmitOptions, 'version' | 'webhook'> & { ifMatch?: string | undefined },
  ): Promise<ExecuteResponse>;
}

type Needs = Pick<GatewayContext, 'db' | 'codeChecker'> & { submissions: Submissions };

export function createDraftRuns({ db, codeChecker, submissions }: Needs): DraftRuns {
  async function read(
    caller: Principal,
    id: string,
  ): Promise<{ workflow: WorkflowRecord; draft: DraftRecord | undefined }> {
    const found = await db.asCaller(asDatabaseCaller(caller), async ({ workflows, drafts }) => ({
      workflow: await workflows.get(id),
      draft: await drafts.get(id),
    }));
    if (!found.workflow) throw await explainHiddenWorkflow(db, id, DENIED.execute);
    return { workflow: found.workflow, draft: found.draft };
  }

  return {
    async run(caller, id, parameters, { ifMatch, ...options }) {
      // It keeps a version, and what runs is what somebody has written but not published.
      if (!hasScope(caller, 'workflow:write')) throw insufficientScope('workflow:write');
      const { workflow, draft } = await read(caller, id);
      if (workflow.status === 'archived') throw archived(id);
      const { revision } = draft ?? workflow;
      if (!matchesRevision(ifMatch, revision)) {
        throw staleRevision(
          `The draft of workflow ${id} is at revision ${revision}; load it and test it again`,
        );
      }
      const tested = checkDraft(id, draft?.definition ?? workflow.definition);
      await checkCode(codeChecker, tested.definition, 'draft');
      const version = await db.asCaller(asDatabaseCaller(caller), ({ versions }) =>
        versions.keepTest(id, tested),
      );
      if (version === undefined) throw await explainHiddenWorkflow(db, id, DENIED.execute);
      return submissions.submit(caller, id, parameters, { ...options, version });
    },
  };
}
