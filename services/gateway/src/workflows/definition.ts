import { createHash } from 'node:crypto';
import {
  type CreateWorkflowRequest,
  type Definition,
  type ErrorItem,
  errorItems,
  type JsonObject,
  type UpdateWorkflowRequest,
  updateWorkflowRequest,
} from '@millrace/contracts';
import {
  type DefinitionProblem,
  definitionProblems,
  type FingerprintOptions,
  graphFingerprint,
} from '@millrace/engine';
import { checkParametersSchema } from '@millrace/runtime';
import { invalidRequest, invalidStructure } from '@millrace/service-kit';

export interface CheckedDefinition {
  readonly definition: Definition;
  /** SHA-256 of what decides how it executes. */
  readonly fingerprint: Buffer;
}

/** Enough to mend a graph by; a body can hold tens of thousands. */
const MAX_PROBLEMS = 100;

/** Where the definition was found; first segment of every `loc`. */
export type Part = 'body' | 'draft';

/**
 * What the schema cannot see of a definition: its structure (400), and expressions, texts that cannot be stored and the
 * `parameters_schema` (422). The findings are the engine's, so that an editor can tell them before anything is sent.
 */
export function checkDefinition(body: CreateWorkflowRequest | UpdateWorkflowRequest): CheckedDefinition {
  return checked(body, 'body', { withPins: false });
}

/** As for `PUT /workflows/{id}`, but that `loc` begins with `draft`; pinned outputs count for the fingerprint. */
export function checkDraft(workflowId: string, draft: unknown): CheckedDefinition {
  const parsed = updateWorkflowRequest.safeParse(draft);
  if (!parsed.success) throw invalidRequest(errorItems(parsed.error, ['draft']));
  requireSameId(workflowId, parsed.data.id, 'draft');
  return checked(parsed.data, 'draft', { withPins: true });
}

export function requireSameId(workflowId: string, given: string | undefined, part: Part): void {
  if (given === undefined || given === workflowId) return;
  const msg = `must be the id in the address, ${workflowId}`;
  throw invalidRequest([{ loc: [part, 'id'], msg, type: 'different_id' }]);
}

function checked(
  { id: _id, owner: _owner, ...definition }: CreateWorkflowRequest | UpdateWorkflowRequest,
  part: Part,
  options: FingerprintOptions,
): CheckedDefinition {
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw refusal(problems, part);
  if (definition.parameters_schema !== undefined) compileSchema(definition.parameters_schema, part);
  const fingerprint = createHash('sha256').update(graphFingerprint(definition, options)).digest();
  return { definition, fingerprint };
}

/** Structure comes first: what an expression refers to means little while the graph is broken. */
function refusal(problems: readonly DefinitionProblem[], part: Part): Error {
  const toItem = ({ loc, message, code }: DefinitionProblem): ErrorItem => ({
    loc: [part, ...loc],
    msg: message,
    type: code,
  });
  const structural = problems.filter(({ category }) => category === 'structure');
  if (structural.length > 0) return invalidStructure(structural.slice(0, MAX_PROBLEMS).map(toItem));
  return invalidRequest(problems.map(toItem));
}

function compileSchema(schema: JsonObject, part: Part): void {
  const problem = checkParametersSchema(schema);
  if (problem === undefined) return;
  throw invalidRequest([{ loc: [part, 'parameters_schema'], msg: problem, type: 'invalid_schema' }]);
}
