import { definition as definitionSchema, errorItems, type Definition } from '@millrace/contracts';
import { compile } from '../graph/compile.js';
import type { Loc } from '../graph/config-paths.js';
import { tooManyExpressions } from './expression-limit.js';
import { parametersSchemaProblem } from './parameters-schema.js';
import { fieldOf, nodeIdAt, type DefinitionProblem } from './problem.js';
import { unstorableTexts } from './unstorable-texts.js';
import { definitionWarnings } from './warnings.js';

export interface CheckedDefinition {
  /** With every default filled in, once the schema is satisfied. It may be published when no problem is an error. */
  readonly definition?: Definition;
  readonly problems: readonly DefinitionProblem[];
}

/**
 * Everything that can be said of a definition by itself, from any JSON: the schema first; when that is satisfied what
 * `definitionProblems` finds; when there is no error the warnings (rules G1 to G20). Pure, and the same in a browser as in
 * the gateway, which on top of it compiles `parameters_schema`.
 */
export function checkDefinition(json: unknown): CheckedDefinition {
  const parsed = definitionSchema.safeParse(json);
  if (!parsed.success) {
    const problems = errorItems(parsed.error).map(({ loc, msg, type }): DefinitionProblem => {
      const id = nodeIdAt(json, loc);
      const nodeIds = id === undefined ? [] : [id];
      return {
        severity: 'error',
        category: 'schema',
        code: type,
        message: msg,
        loc,
        nodeIds,
        field: fieldOf(loc),
      };
    });
    return { problems };
  }
  const definition = parsed.data;
  const problems = definitionProblems(definition);
  return { definition, problems: problems.length > 0 ? problems : definitionWarnings(definition) };
}

/** What the schema cannot see of a definition: errors of its structure, expressions, texts and `parameters_schema`. */
export function definitionProblems(definition: Definition): DefinitionProblem[] {
  const problems = unstorableTexts(definition).map((loc) =>
    configurationError(
      'unstorable_text',
      'holds a character that cannot be stored (U+0000 or half of a surrogate pair)',
      loc,
    ),
  );
  const tooMany = tooManyExpressions(definition);
  if (tooMany !== undefined)
    return [...problems, configurationError('too_many_expressions', tooMany, ['nodes'])];

  const compiled = compile(definition);
  for (const { category, code, message, nodeIds, loc } of compiled.ok ? [] : compiled.problems) {
    problems.push({ severity: 'error', category, code, message, loc, nodeIds, field: fieldOf(loc) });
  }
  const { parameters_schema } = definition;
  const refusal = parameters_schema && parametersSchemaProblem(parameters_schema);
  if (refusal !== undefined)
    problems.push(configurationError('invalid_schema', refusal, ['parameters_schema']));
  return problems;
}

function configurationError(code: string, message: string, loc: Loc): DefinitionProblem {
  return { severity: 'error', category: 'configuration', code, message, loc, nodeIds: [], field: [] };
}
