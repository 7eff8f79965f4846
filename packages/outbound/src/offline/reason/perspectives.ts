import type { AgentResults } from '../../agents/outputs.js';
import type { AgentType } from '../../agents/types.js';

/** What one participant finds in a draft; names are those of the participants that a model would play. */
export type Perspective<Type extends AgentType> = (draft: AgentResults[Type]) => string[];

const SECURITY =
  /eval|timer|sql|secret|inner-html|pickle|shell|yaml|random|crypto|tls|verify|command|deserial|hash|http|redirect/;
const CORRECTNESS = /debugger|await|equal|except|catch|default|unused|parse|assert|compar|mutable|promise/;

function places(findings: AgentResults['code_review']['findings']): string {
  return findings
    .slice(0, 5)
    .map(({ rule, path, line }) => `${rule} (${path}:${String(line)})`)
    .join(', ');
}

function reviewOf(word: string, isOurs: (rule: string) => boolean): Perspective<'code_review'> {
  return ({ findings }) => {
    const ours = findings.filter(({ rule }) => isOurs(rule));
    return ours.length === 0 ? [] : [`${String(ours.length)} findings concern ${word}: ${places(ours)}.`];
  };
}

function named(count: readonly string[], sentence: string): string[] {
  return count.length === 0 ? [] : [`${count.slice(0, 10).join(', ')} ${sentence}`];
}

export const PERSPECTIVES: {
  readonly [Type in AgentType]: Readonly<Record<string, Perspective<Type>>>;
} = {
  planning: {
    coverage: ({ tasks }) => [
      ...named(
        tasks.filter(({ source }) => source === null).map(({ id }) => id),
        'were derived: no words of the input ask for them.',
      ),
      ...(tasks.some(({ kind }) => kind === 'testing') ? [] : ['No task tests the result.']),
    ],
    order({ tasks, parallel_groups: groups }) {
      const needed = new Set(tasks.flatMap(({ depends_on }) => depends_on));
      const alone = tasks.filter(({ id, depends_on }) => depends_on.length === 0 && !needed.has(id));
      return [
        ...(tasks.length > 1
          ? named(
              alone.map(({ id }) => id),
              'stand alone: nothing comes before or after them.',
            )
          : []),
        ...(tasks.length > 3 && groups.length === tasks.length
          ? ['All tasks are one chain; none may run beside another.']
          : []),
      ];
    },
    estimates: ({ tasks }) =>
      named(
        tasks
          .filter(({ size }) => size === 'L')
          .map(({ id, estimate_days: days }) => `${id} (${String(days)} days)`),
        'are large; smaller tasks are easier to estimate and to follow.',
      ),
  },
  code_generation: {
    specification: ({ entities, functions }) => [
      ...named(
        entities.filter(({ fields }) => fields.length === 0).map(({ name }) => name),
        'have no fields.',
      ),
      ...(functions.length === 0 ? ['No function was specified.'] : []),
    ],
    correctness: ({ functions }) =>
      named(
        functions.filter(({ returns }) => /unknown|Any|any/.test(returns)).map(({ name }) => name),
        'return what the specification does not say.',
      ),
    interface: ({ functions }) => [
      ...named(
        functions.filter(({ parameters }) => parameters.length > 4).map(({ name }) => name),
        'take more than four parameters; an object would be clearer.',
      ),
      ...named(
        functions
          .filter(({ parameters }) =>
            parameters.some(
              ({ optional }, at) => optional && parameters.slice(at + 1).some((later) => !later.optional),
            ),
          )
          .map(({ name }) => name),
        'have an optional parameter before a required one.',
      ),
    ],
  },
  testing: {
    coverage: ({ targets }) =>
      named(
        targets
          .filter(({ branches, cases }) => branches >= cases.length)
          .map(
            ({ name, branches, cases }) =>
              `${name} (${String(branches)} decisions, ${String(cases.length)} cases)`,
          ),
        'have more paths than cases.',
      ),
    'edge cases': ({ targets }) =>
      named(
        targets.filter(({ parameters, throws }) => parameters.length > 0 && !throws).map(({ name }) => name),
        'say nothing about wrong arguments.',
      ),
    reliability: ({ targets }) =>
      named(
        targets.filter((target) => target.async).map(({ name }) => name),
        'are asynchronous: a test must wait for them.',
      ),
  },
  code_review: {
    security: reviewOf('security', (rule) => SECURITY.test(rule)),
    correctness: reviewOf('correctness', (rule) => !SECURITY.test(rule) && CORRECTNESS.test(rule)),
    maintainability(draft) {
      const complex = draft.metrics.filter((file) => file.cyclomatic_complexity > 20).map(({ path }) => path);
      return [
        ...reviewOf('maintainability', (rule) => !SECURITY.test(rule) && !CORRECTNESS.test(rule))(draft),
        ...named(complex, 'make more than twenty decisions.'),
      ];
    },
  },
  ci_cd: {
    safety({ stages }) {
      const isTested = stages.some(({ id }) => id.startsWith('test'));
      return stages.length > 0 && !isTested ? ['Nothing is tested before it is built or released.'] : [];
    },
    completeness: ({ ecosystems, stages }) =>
      named(
        ecosystems
          .filter(({ name }) => !stages.some(({ ecosystem }) => ecosystem === name))
          .map(({ name }) => name),
        'have a manifest and no stage.',
      ),
    speed({ ecosystems }) {
      const many = ecosystems.filter(({ versions }) => versions.length > 3).map(({ name }) => name);
      return named(many, 'are tested on more than three versions; each costs a run.');
    },
  },
  requirement_engineering: {
    completeness: ({ requirements }) =>
      named(
        requirements.filter(({ actor }) => actor === null).map(({ id }) => id),
        'name nobody who acts.',
      ),
    clarity: ({ requirements }) => [
      ...named(
        requirements
          .filter(({ ambiguous_terms: terms }) => terms.length > 0)
          .map(({ id, ambiguous_terms: terms }) => `${id} (${terms.join(', ')})`),
        'use words that can be read in several ways.',
      ),
      ...named(
        requirements
          .filter(({ type, measurable }) => type === 'non_functional' && !measurable)
          .map(({ id }) => id),
        'are qualities that cannot be measured as they stand.',
      ),
    ],
    consistency: ({ requirements }) =>
      named(
        requirements.flatMap(({ id, duplicate_of: of }) => (of === null ? [] : [`${id} (of ${of})`])),
        'are duplicates.',
      ),
  },
  program_manager: {
    dates: ({ start_date: start, critical_path: path, tasks }) => [
      ...(start === null ? ['There is no start date; days are counted.'] : []),
      ...(tasks.length > 2 && path.length === tasks.length
        ? ['Every task is critical; any delay moves the end.']
        : []),
    ],
    capacity: ({ duration_days: ideal, planned_duration_days: planned, team_size: team }) =>
      team !== null && planned > ideal
        ? [`With ${String(team)} people it takes ${String(planned)} days instead of ${String(ideal)}.`]
        : [],
    risks: ({ risks }) =>
      named(
        risks
          .filter(({ severity }) => severity === 'high')
          .map(({ kind, task_id: id }) => (id === null ? kind : `${kind} (${id})`)),
        'are grave risks.',
      ),
  },
};
