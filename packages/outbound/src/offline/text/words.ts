import type { TaskKind } from '../../agents/planning.js';

/** Verbs that begin a piece of work, by the kind of work they begin. */
const VERBS: Readonly<Record<TaskKind, string>> = {
  research:
    'research investigate analyse analyze explore assess evaluate study survey interview gather clarify identify compare reproduce diagnose understand audit inspect profile measure elicit find',
  design:
    'design architect model sketch specify outline draft define plan prototype wireframe choose select decide',
  data: 'back migrate import export load extract transform clean normalise normalize backfill seed collect ingest index aggregate',
  implementation:
    'implement build create develop add write code integrate configure refactor fix replace remove extend support connect wire enable update upgrade install generate make set expose store persist send show display render calculate compute validate provide introduce rename convert parse handle log notify allow convert encrypt authenticate authorise authorize process save delete list search filter upload download register book cancel track adjust patch rewrite optimise optimize',
  testing: 'test verify check run benchmark simulate exercise prove qa',
  review: 'review approve inspect sign accept evaluate',
  documentation: 'document describe explain record summarise summarize report publish announce train teach',
  deployment: 'deploy release ship launch roll cut promote host provision monitor operate switch go deliver',
  coordination:
    'coordinate prepare perform complete start finish schedule assign organise organize meet communicate align budget negotiate hire recruit invite',
};

const KIND_OF = new Map<string, TaskKind>();
for (const kind of [
  'implementation',
  'design',
  'data',
  'testing',
  'documentation',
  'deployment',
  'coordination',
  'research',
  'review',
] as const) {
  for (const verb of VERBS[kind].split(' ')) if (!KIND_OF.has(verb)) KIND_OF.set(verb, kind);
}

/** Later words that say more than a general first verb: "write unit tests" is testing, "create a wireframe" is design. */
const OBJECTS: readonly [RegExp, TaskKind][] = [
  [/\b(tests?|test suite|test plan|test cases?|qa|acceptance criteria|coverage)\b/i, 'testing'],
  [/\b(documentation|docs|readme|manual|guide|tutorial|release notes|changelog|report)\b/i, 'documentation'],
  [/\b(wireframes?|mock-?ups?|architecture|data model|schema|specification|blueprint)\b/i, 'design'],
  [/\b(deployment|rollout|go-live|production|release)\b/i, 'deployment'],
  [/\b(migration|dataset|etl|data import|backfill)\b/i, 'data'],
  [/\b(requirements|feasibility|user research|interviews?|root cause)\b/i, 'research'],
  [/\b(code review|sign-off|approval)\b/i, 'review'],
];

const GENERAL = new Set([
  'write',
  'create',
  'add',
  'make',
  'build',
  'set',
  'provide',
  'generate',
  'prepare',
  'run',
  'perform',
  'complete',
  'start',
  'finish',
  'develop',
  'define',
  'update',
  'plan',
  'gather',
  'collect',
]);

const STOP_WORDS = new Set(
  'a an the and or but of for to in on at by with from into as is are be been it its this that these those then after before until when once while we you they our your their will shall must should can could may might do does not no all any each every new so than such if have has had was were which who whom whose via per also there here only more most very'.split(
    ' ',
  ),
);

/** Lower-case words, apostrophes dropped. */
export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/['’]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** A rough stem: enough to see that "payments" and "payment" speak of one thing. */
export function stem(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(sses|xes|ches|shes)$/, (ending) => ending.slice(0, -2))
    .replace(/([^s])s$/, '$1')
    .replace(/(?<=\w{4})(ing|ed)$/, '')
    .replace(/(?<=\w{5})(ation|ment)$/, '');
}

/** The stems of words that carry meaning: no stop words, no verbs of work. */
export function topics(text: string): Set<string> {
  return new Set(
    wordsOf(text)
      .filter((word) => word.length > 2 && !STOP_WORDS.has(word) && !KIND_OF.has(word))
      .map(stem),
  );
}

/** The base form when the word is a verb of work, also as "building" or "builds". */
export function workVerb(word: string): string | undefined {
  const lower = word.toLowerCase();
  const candidates = [
    lower,
    lower.replace(/s$/, ''),
    lower.replace(/es$/, ''),
    lower.replace(/ing$/, ''),
    lower.replace(/ing$/, 'e'),
    lower.replace(/([a-z])\1ing$/, '$1'),
    lower.replace(/ies$/, 'y'),
  ];
  return candidates.find((candidate) => KIND_OF.has(candidate));
}

/** The kind of work a phrase speaks of; undefined when nothing in it names any. */
export function kindOfWork(phrase: string): TaskKind | undefined {
  const words = wordsOf(phrase);
  const verb = words
    .slice(0, 6)
    .map(workVerb)
    .find((found) => found !== undefined);
  const byVerb = verb === undefined ? undefined : KIND_OF.get(verb);
  if (byVerb !== undefined && verb !== undefined && !GENERAL.has(verb)) return byVerb;
  const byObject = OBJECTS.find(([pattern]) => pattern.test(phrase))?.[1];
  return byObject ?? byVerb;
}

/** Whether a phrase begins with a verb of work, perhaps after "we need to", "please" or an adverb. */
export function beginsWithWork(phrase: string): boolean {
  const [first = '', second = ''] = wordsOf(stripLeadIn(phrase));
  return workVerb(first) !== undefined || (first.endsWith('ly') && workVerb(second) !== undefined);
}

const LEAD_IN =
  /^\s*(?:(?:and|then|next|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|lastly|afterwards|also|please|after that|in the end|meanwhile)\b[\s,:]*)*(?:(?:(?:we|i|you|they|the team|the project|it)\s+)?(?:(?:need|want|have|ought|plan|intend|aim)s?\s+to|must|should|shall|will|can|could|(?:would|'d) like to|are going to|is going to)\s+)?(?:(?:then|also|finally)\s+)?/i;

/** Drops what stands before the verb: "Then we need to deploy it" becomes "deploy it". */
export function stripLeadIn(phrase: string): string {
  return phrase.replace(LEAD_IN, '');
}

/** "deploying the service" becomes "deploy the service"; anything else stays. */
export function imperative(phrase: string): string {
  const match = /^(\w+ing)\b(.*)$/is.exec(phrase.trim());
  const verb = match?.[1] === undefined ? undefined : workVerb(match[1]);
  return verb === undefined ? phrase : verb + (match?.[2] ?? '');
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
