import type { ApiProblem } from '@millrace/client';
import type { DefinitionProblem } from '@millrace/engine';
import type { BuilderDocument } from '../document/document';

/** What the platform refused, as problems of the document: its `loc` begins with `body`. */
export function problemsOfRefusal(refusal: ApiProblem, document: BuilderDocument): DefinitionProblem[] {
  const items =
    refusal.errors.length > 0 ? refusal.errors : [{ loc: ['body'], msg: refusal.detail, type: refusal.code }];
  return items.map(({ loc, msg, type }) => {
    const way = loc[0] === 'body' ? loc.slice(1) : loc;
    const position = way[0] === 'nodes' && typeof way[1] === 'number' ? way[1] : undefined;
    const id = position === undefined ? undefined : document.nodes[position]?.id;
    return {
      severity: 'error',
      category: 'configuration',
      code: type,
      message: msg,
      loc: way,
      nodeIds: id === undefined ? [] : [id],
      field: id === undefined ? [] : way.slice(2),
    };
  });
}
