import { createHash } from 'node:crypto';
import type {
  CreateWorkflowRequest,
  Definition,
  ErrorItem,
  UpdateWorkflowRequest,
} from '@millrace/contracts';
import { compile, graphFingerprint, type Problem } from '@millrace/engine';
import { checkParametersSchema } from '@millrace/runtime';
import { invalidRequest, invalidStructure } from '@millrace/service-kit';
import { tooManyExpressions } from './expression-limit.js';

export interface CheckedDefinition {
  readonly definition: Definition;
  /** SHA-256 of what decides how it executes. */
  readonly fingerprint: Buffer;
}

/** Enough to mend a graph by; a body can hold tens of thousands. */
const MAX_PROBLEMS = 100;

/**
 * What the schema cannot see of a definition: text the database cannot hold (422), its structure (400), expressions and
 * other configuration (422) and its `parameters_schema` (422). Every problem of a stage is listed at once.
 */
export function checkDefinition(body: CreateWorkflowRequest | UpdateWorkflowRequest): CheckedDefinition {
  const { id: _id, owner: _owner, ...definition } = body;
  const unstorable = unstorableTexts(definition);
  if (unstorable.length > 0) throw invalidRequest(unstorable);

  const tooMany = tooManyExpressions(definition);
  if (tooMany) throw invalidRequest([tooMany]);

  const compiled = compile(definition);
  if (!compiled.ok) throw refusal(compiled.problems);

  if (definition.parameters_schema !== undefined) {
    const problem = checkParametersSchema(definition.parameters_schema);
    if (problem !== undefined) {
      throw invalidRequest([{ loc: ['body', 'parameters_schema'], msg: problem, type: 'invalid_schema' }]);
    }
  }
  const fingerprint = createHash('sha256').update(graphFingerprint(definition)).digest();
  return { definition, fingerprint };
}

/** Structure comes first: what an expression refers to means little while the graph is broken. */
function refusal(problems: readonly Problem[]): Error {
  const structural = problems.filter(({ category }) => category === 'structure');
  if (structural.length > 0) return invalidStructure(structural.slice(0, MAX_PROBLEMS).map(toItem));
  return invalidRequest(problems.map(toItem));
}

function toItem({ loc, message, code }: Problem): ErrorItem {
  return { loc: ['body', ...loc], msg: message, type: code };
}

/** U+0000, and halves of surrogate pairs: a `text` or `jsonb` column takes neither. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const WORDS = 'holds a character that cannot be stored (U+0000 or half of a surrogate pair)';

/** Of the parts that are kept as text for lists and search; nodes and edges are kept as they are. */
function unstorableTexts({ name, description, metadata }: Definition): ErrorItem[] {
  const found: ErrorItem[] = [];
  const pending: { loc: (string | number)[]; value: unknown }[] = [
    { loc: ['body', 'name'], value: name },
    { loc: ['body', 'description'], value: description },
    { loc: ['body', 'metadata'], value: metadata },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { loc, value } = next;
    if (typeof value === 'string' && UNSTORABLE.test(value))
      found.push({ loc, msg: WORDS, type: 'unstorable_text' });
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (UNSTORABLE.test(key)) found.push({ loc, msg: WORDS, type: 'unstorable_text' });
      pending.push({ loc: [...loc, Array.isArray(value) ? Number(key) : key], value: inner });
    }
  }
  return found;
}
