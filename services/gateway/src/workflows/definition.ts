import { createHash } from 'node:crypto';
import type {
  CreateWorkflowRequest,
  Definition,
  ErrorItem,
  JsonObject,
  UpdateWorkflowRequest,
} from '@millrace/contracts';
import { definitionProblems, graphFingerprint, type DefinitionProblem } from '@millrace/engine';
import { checkParametersSchema } from '@millrace/runtime';
import { invalidRequest, invalidStructure } from '@millrace/service-kit';

export interface CheckedDefinition {
  readonly definition: Definition;
  /** SHA-256 of what decides how it executes. */
  readonly fingerprint: Buffer;
}

/** Enough to mend a graph by; a body can hold tens of thousands. */
const MAX_PROBLEMS = 100;

/**
 * What the schema cannot see of a definition: its structure (400), and expressions, texts that cannot be stored and the
 * `parameters_schema` (422). The findings are the engine's, so that an editor can tell them before anything is sent.
 */
export function checkDefinition(body: CreateWorkflowRequest | UpdateWorkflowRequest): CheckedDefinition {
  const { id: _id, owner: _owner, ...definition } = body;
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw refusal(problems);
  if (definition.parameters_schema !== undefined) compileSchema(definition.parameters_schema);
  const fingerprint = createHash('sha256').update(graphFingerprint(definition)).digest();
  return { definition, fingerprint };
}

/** Structure comes first: what an expression refers to means little while the graph is broken. */
function refusal(problems: readonly DefinitionProblem[]): Error {
  const structural = problems.filter(({ category }) => category === 'structure');
  if (structural.length > 0) return invalidStructure(structural.slice(0, MAX_PROBLEMS).map(toItem));
  return invalidRequest(problems.map(toItem));
}

function toItem({ loc, message, code }: DefinitionProblem): ErrorItem {
  return { loc: ['body', ...loc], msg: message, type: code };
}

function compileSchema(schema: JsonObject): void {
  const problem = checkParametersSchema(schema);
  if (problem === undefined) return;
  throw invalidRequest([{ loc: ['body', 'parameters_schema'], msg: problem, type: 'invalid_schema' }]);
}
