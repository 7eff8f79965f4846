import { kindOfWork, wordsOf, workVerb } from '../text/words.js';
import { tidy } from '../text/blocks.js';
import type { Item } from './items.js';

/**
 * The usual course of a kind of work, for an objective that names only one thing to do. `{}` stands for the
 * object of the objective's verb.
 */
const COURSES: readonly [RegExp, readonly string[]][] = [
  [
    /^(migrate|import|export|load|upgrade|convert|replace)$/,
    [
      'Analyse the current state of {}',
      'Plan the migration of {}',
      'Migrate a sample of {}',
      'Migrate {}',
      'Verify {} after the migration',
      'Release {} and retire the old state',
    ],
  ],
  [
    /^(fix|debug|diagnose|reproduce)$/,
    [
      'Reproduce {}',
      'Diagnose the cause of {}',
      'Fix {}',
      'Test that {} does not return',
      'Release the fix of {}',
    ],
  ],
  [
    /^(research|investigate|analyse|analyze|explore|assess|evaluate|study|survey|compare|audit)$/,
    [
      'Define the questions about {}',
      'Collect data on {}',
      'Analyse {}',
      'Review the findings on {}',
      'Report on {}',
    ],
  ],
  [
    /^(deploy|release|ship|launch|deliver|host)$/,
    [
      'Check that {} is ready',
      'Plan the release of {}',
      'Deploy {} to a staging environment',
      'Verify {} in staging',
      'Deploy {} to production',
      'Monitor {} after the release',
    ],
  ],
  [
    /^(test|verify|benchmark|simulate)$/,
    ['Define what to verify about {}', 'Prepare test data for {}', 'Test {}', 'Report the results of {}'],
  ],
  [
    /^(document|describe|explain|train|teach|report)$/,
    ['Collect the material on {}', 'Outline {}', 'Write {}', 'Review {}', 'Publish {}'],
  ],
  [
    /^(refactor|rewrite|optimise|optimize|normalise|normalize)$/,
    [
      'Measure {} as it is',
      'Write tests that fix the behaviour of {}',
      'Refactor {} step by step',
      'Benchmark {} again',
      'Release {}',
    ],
  ],
  [
    /^(design|architect|sketch|plan|prototype|wireframe)$/,
    ['Gather the needs behind {}', 'Draft {}', 'Review {} with those concerned', 'Revise and document {}'],
  ],
];

const BUILD = [
  'Clarify the requirements of {}',
  'Design {}',
  'Build {}',
  'Test {}',
  'Document {}',
  'Release {}',
];

const WITH_PARTS = /^(.*?)\s+(?:with|including|consisting of|that includes|that has|featuring)\s+(.+)$/is;

function partsOf(text: string): string[] {
  const parts = text
    .split(/,\s*(?:and\s+)?|\s+and\s+|;\s*/)
    .map((part) => tidy(part.replace(/^(?:an?|the|also)\s+/i, '')));
  return parts.filter((part) => part !== '' && wordsOf(part).length <= 8);
}

/**
 * The phases of an objective that names one piece of work or none. "Build a shop with a cart and payments" gets one
 * build task for each part named after "with".
 */
export function phasesOf(objective: string, spoken: string): Item[] {
  const [firstWord = ''] = wordsOf(spoken);
  const verb = workVerb(firstWord);
  const object =
    tidy(verb === undefined ? spoken : spoken.trim().slice(spoken.trim().indexOf(' ') + 1)) ||
    tidy(objective) ||
    'the work';
  const course = COURSES.find(([pattern]) => verb !== undefined && pattern.test(verb))?.[1] ?? BUILD;
  const withParts = course === BUILD ? WITH_PARTS.exec(object) : null;
  const subject = tidy(withParts?.[1] ?? object);
  const parts = withParts ? partsOf(withParts[2] ?? '') : [];
  const titles = course.flatMap((template): { title: string; part: boolean }[] => {
    if (template !== 'Build {}' || parts.length === 0)
      return [{ title: template.replaceAll('{}', subject), part: false }];
    return parts.map((part) => ({ title: `Build ${part} for ${subject}`, part: true }));
  });
  return titles.map(({ title, part }, index) => ({
    title,
    source: null,
    detail: `Derived from: ${tidy(objective)}`,
    // Parts stand side by side after the design; what follows them waits for all by its kind.
    sequential: index > 0 && !part && titles[index - 1]?.part !== true,
    group: null,
  }));
}

/** Whether a text names work at all. */
export function namesWork(text: string): boolean {
  return kindOfWork(text) !== undefined;
}
