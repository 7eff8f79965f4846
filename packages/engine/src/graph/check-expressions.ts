import { descriptorOf, STEP_KINDS, type GraphDefinition, type StepKindDescriptor } from '@millrace/contracts';
import { compileCel } from '../expressions/cel.js';
import { compileJsonata } from '../expressions/jsonata.js';
import { compileTemplate, type CompiledTemplate } from '../expressions/template.js';
import { valuesAt, type Loc } from './config-paths.js';
import { compileConfig } from './templates.js';
import { areUpstream, type Adjacency } from './topology.js';
import type { Problem } from './plan.js';

/** `steps.<id>` in an expression of the node at `position`. */
export interface Reference {
  readonly position: number;
  readonly id: string;
  readonly loc: Loc;
}

/** Where `secret()` may stand: what these kinds send is not what is recorded of them. */
const SENDING_KINDS = Object.entries<StepKindDescriptor>(STEP_KINDS)
  .filter(([, { allowsSecrets }]) => allowsSecrets === true)
  .map(([kind]) => kind)
  .join(', ');

/** Rule G11: every expression parses. Answers what they refer to, for `checkReferences`. */
export function checkExpressions(definition: GraphDefinition, problems: Problem[]): Reference[] {
  const references: Reference[] = [];

  definition.nodes.forEach((node, position) => {
    const data: Loc = ['nodes', position, 'data'];
    const refuse = (message: string, loc: Loc): void => {
      problems.push({
        category: 'configuration',
        code: 'invalid_expression',
        message: `node "${node.id}": ${message}`,
        nodeIds: [node.id],
        loc,
      });
    };
    const refer = (ids: readonly string[], loc: Loc): void => {
      for (const id of ids) references.push({ position, id, loc });
    };
    const { kind, celFields, jsonataFields, allowsSecrets = false } = descriptorOf(node.type);
    const refuseSecrets = ([name]: readonly string[], loc: Loc): void => {
      if (name === undefined) return;
      const words = `secret("${name}") cannot be used here, for what a ${kind} step makes of it is recorded`;
      refuse(`${words}: use it in the templates of the step that sends it out (${SENDING_KINDS})`, loc);
    };
    const check = (template: CompiledTemplate, loc: Loc): void => {
      for (const problem of template.problems) refuse(problem.message, [...loc, ...problem.loc]);
      for (const expression of template.expressions) {
        refer(expression.stepReferences, [...loc, ...expression.loc]);
        if (!allowsSecrets) refuseSecrets(expression.secretNames, [...loc, ...expression.loc]);
      }
    };

    for (const [language, fields, parse] of [
      ['CEL', celFields, compileCel],
      ['JSONata', jsonataFields, compileJsonata],
    ] as const) {
      for (const field of fields.flatMap((path) => valuesAt(node.data.config, path))) {
        const text = field.value;
        if (typeof text !== 'string') continue;
        const loc = [...data, 'config', ...field.loc];
        const parsed = parse(text);
        if (parsed.ok) {
          refer(parsed.value.stepReferences, loc);
          if ('secretNames' in parsed.value) refuseSecrets(parsed.value.secretNames, loc);
        } else {
          const where = parsed.position === null ? '' : ` at character ${parsed.position}`;
          refuse(`${language}${where}: ${parsed.message}`, loc);
        }
      }
    }
    check(compileConfig(node.type, node.data.config), [...data, 'config']);
    if (node.data.input !== undefined) check(compileTemplate(node.data.input), [...data, 'input']);
  });

  return references;
}

export interface ReferenceCheck {
  readonly positions: ReadonlyMap<string, number>;
  readonly targets: Adjacency;
  /** A topological order; null for a cyclic graph. */
  readonly order: readonly number[] | null;
  /** Is the id to be looked for further out, where the body of this graph is? Those references are answered. */
  readonly isOutside: (id: string) => boolean;
}

/** Rule G12: what is referred to exists, and a path leads from there to here. */
export function checkReferences(
  definition: GraphDefinition,
  { positions, targets, order, isOutside }: ReferenceCheck,
  references: readonly Reference[],
  problems: Problem[],
): Reference[] {
  const known: { readonly reference: Reference; readonly target: number }[] = [];
  const outward: Reference[] = [];
  const report = (code: Problem['code'], reference: Reference, message: string): void => {
    const id = definition.nodes[reference.position]?.id ?? '';
    problems.push({
      category: 'configuration',
      code,
      message: `node "${id}": ${message}`,
      nodeIds: [id],
      loc: reference.loc,
    });
  };
  for (const reference of references) {
    const target = positions.get(reference.id);
    if (target !== undefined) known.push({ reference, target });
    else if (isOutside(reference.id)) outward.push(reference);
    else {
      // A search for every one of thousands of findings would be quadratic.
      const meant = problems.length < 50 ? dashedId(definition, reference.id) : undefined;
      const advice =
        meant === undefined
          ? ''
          : `; an id with a dash is quoted: steps.\`${meant}\`, in CEL steps["${meant}"]`;
      report(
        'unknown_step_reference',
        reference,
        `the expression refers to the unknown step "${reference.id}"${advice}`,
      );
    }
  }
  if (order === null) return outward;
  const upstream = areUpstream(
    targets,
    order,
    known.map(({ reference, target }) => [reference.position, target] as const),
  );
  known.forEach(({ reference }, position) => {
    if (upstream[position] === true) return;
    report(
      'step_not_upstream',
      reference,
      `the expression refers to the step "${reference.id}", from which no path leads here`,
    );
  });
  return outward;
}

/** `steps.load-data` is read as `steps.load` minus `data`: the id that was probably meant. */
function dashedId(definition: GraphDefinition, head: string): string | undefined {
  return definition.nodes.find((node) => node.id.startsWith(`${head}-`))?.id;
}
