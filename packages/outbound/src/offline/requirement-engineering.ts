import {
  REQUIREMENT_CATEGORIES,
  type Requirement,
  type RequirementEngineeringOutput,
} from '../agents/requirement-engineering.js';
import { findText } from './input.js';
import { parseBlocks, sentencesOf, type Block } from './text/blocks.js';
import { stem, wordsOf, beginsWithWork } from './text/words.js';
import { configText, positiveInteger, type OfflineAgent } from './work.js';

/** Where the text is looked for, in this order; see `input.ts` for what follows. */
const KEYS = [
  'specification',
  'requirements_text',
  'requirements',
  'spec',
  'text',
  'document',
  'brief',
  'user_stories',
  'objective',
  'description',
  'input',
];

type Category = Requirement['category'];
type Priority = Requirement['priority'];

const CATEGORY_WORDS: readonly [Exclude<Category, 'functional'>, RegExp][] = [
  [
    'security',
    /\b(secur\w*|encrypt\w*|authenticat\w*|authori[sz]\w*|password\w*|permission\w*|access control|tls|https|vulnerab\w*|csrf|xss|injection|hash(?:ed|ing)|privilege\w*|two-factor|2fa|mfa|oauth\w*)\b/i,
  ],
  [
    'compliance',
    /\b(gdpr|hipaa|pci(?:[- ]dss)?|sox|iso ?\d+|complian\w*|regulat\w*|legal\w*|audit\w*|retention|wcag)\b/i,
  ],
  [
    'performance',
    /\b(performan\w*|latency|respon(?:se time|d within|ds within)|throughput|per second|milliseconds?|\d+ ?ms|within \d+(?:\.\d+)? ?(?:seconds?|s)\b|fast\w*|quick\w*|speed|load time|p9[0-9])\b/i,
  ],
  [
    'scalability',
    /\b(scal(?:e|es|able|ability|ing)|concurrent (?:users|requests|sessions|connections)|simultaneous\w*|horizontally|peak load|\d[\d,.]* (?:million|thousand)? ?(?:users|customers) (?:at|concurrently))\b/i,
  ],
  [
    'reliability',
    /\b(reliab\w*|availab(?:le \d|ility)|uptime|fail-?over|fault[- ]toleran\w*|recover\w*|backups?|redundan\w*|durab\w*|disaster|data loss|retry|retries|24\/7|resilien\w*)\b/i,
  ],
  [
    'usability',
    /\b(usab\w*|user[- ]friendly|intuitive\w*|easy to|ease of|accessib\w*|learn\w*|screen reader|keyboard|understandable|help text|clear(?:ly)? error)\b/i,
  ],
  [
    'maintainability',
    /\b(maintain\w*|modular\w*|readable|test coverage|documented|extensib\w*|code style|logging|observab\w*|configurable|upgradab\w*)\b/i,
  ],
  [
    'compatibility',
    /\b(compatib\w*|interoperab\w*|browsers?|chrome|firefox|safari|edge|ios|android|windows|macos|linux|mobile devices?|portab\w*|node(?:\.js)? \d+|import from|export to)\b/i,
  ],
];

const AMBIGUOUS = [
  'fast', 'quick', 'quickly', 'easy', 'easily', 'simple', 'simply', 'user-friendly', 'user friendly', 'intuitive', 'etc', 'and so on', 'and/or', 'appropriate', 'adequate', 'reasonable', 'sufficient', 'flexible', 'efficient', 'efficiently', 'robust', 'seamless', 'seamlessly', 'as needed', 'if possible', 'where possible', 'as appropriate', 'as soon as possible', 'several', 'some', 'many', 'few', 'often', 'usually', 'normally', 'typically', 'minimal', 'optimal', 'modern', 'state-of-the-art', 'high quality', 'high-quality', 'good', 'better', 'nice', 'various', 'large', 'small', 'soon', 'timely', 'tbd', 'support for', 'cheap', 'scalable', 'secure', 'clean',
]; // prettier-ignore

const MEASURE =
  /\d+(?:[.,]\d+)*\s*(?:%|percent|ms|milliseconds?|s\b|secs?\b|seconds?|minutes?|hours?|days?|weeks?|months?|years?|[kmgt]i?b\b|bytes|users?|requests?|items?|records?|characters?|attempts?|times?|per\b|px|nodes?|steps?|files?|entries|rows|orders?|customers?|connections?)|(?:at (?:least|most)|no more than|up to|within|below|under|above|exactly|more than|fewer than|less than|maximum of|minimum of|every)\s+\d|[<>≤≥]=?\s*\d|\b(?:tls|wcag|iso|rfc|aes|sha|oauth|http|utf)[- ]?\d/i;

const STORY =
  /^\W*as an?\s+([^,\n]{1,80}?),?\s+I\s+(?:want|need|would like|can|wish)(?:\s+to)?\s+([\s\S]+?)(?:,?\s+so that\s+([\s\S]+?)|,?\s+in order to\s+([\s\S]+?))?[.!]?$/i;

const MODAL: readonly [RegExp, Priority][] = [
  [/\b(?:must not|shall not|may not|mustn't|cannot|can not)\b/i, 'must'],
  [/\b(?:won't|will not|out of scope|not in this release|is excluded)\b/i, 'wont'],
  [/\b(?:must|shall|has to|have to|is required to|are required to|needs to|need to|is mandatory)\b/i, 'must'],
  [/\b(?:should|ought to|is recommended|is expected to)\b/i, 'should'],
  [/\b(?:may|could|might|can optionally|nice to have|optionally|would be nice|is optional)\b/i, 'could'],
  [/\b(?:will|can)\b/i, 'must'],
];

const PRIORITY_LABEL = /^\W*(must|should|could|won'?t)(?:[- ]have)?\b\s*[:)\]]/i;

const ACTOR =
  /^(?:(?:if|when|while|after|before|once)\b[^,]*,\s*)?(?:(?:an?|the|each|every|all|only|any)\s+)*((?:[\p{L}][\p{L}-]*\s+){0,2}?[\p{L}][\p{L}-]*)\s+(?:must|shall|should|may|could|might|will|can|cannot|needs? to|ha(?:s|ve) to|(?:is|are) (?:required|expected|able|allowed))\b/iu;

const REQUIREMENT_HEADING =
  /require|feature|functional|user stor|must|should|could|won'?t|scope|acceptance|capabilit|constraint|goal/i;

function priorityOf(statement: string, heading: string | null): Priority {
  const labelled = (PRIORITY_LABEL.exec(statement) ??
    /^(must|should|could|won'?t)(?:[- ]have)?s?\b/i.exec(heading ?? ''))?.[1];
  if (labelled !== undefined) {
    const word = labelled.toLowerCase().replace("'", '');
    if (word === 'must' || word === 'should' || word === 'could') return word;
    return 'wont';
  }
  return MODAL.find(([pattern]) => pattern.test(statement))?.[1] ?? 'must';
}

function categoryOf(statement: string, heading: string | null): Category {
  const byWords = CATEGORY_WORDS.find(([, pattern]) => pattern.test(statement))?.[0];
  if (byWords !== undefined) return byWords;
  const title = (heading ?? '').toLowerCase();
  return (
    REQUIREMENT_CATEGORIES.find((category) => category !== 'functional' && title.includes(category)) ??
    'functional'
  );
}

function ambiguousTerms(statement: string): string[] {
  const text = statement.toLowerCase();
  return AMBIGUOUS.filter((term) => {
    const at = new RegExp(`(?<![\\w-])${term.replace(/[/]/g, '\\/')}(?![\\w-])`).exec(text)?.index;
    return at !== undefined;
  });
}

interface Candidate {
  readonly statement: string;
  readonly form: Requirement['form'];
  readonly heading: string | null;
}

function candidatesOf(block: Block): Candidate[] {
  if (block.kind === 'heading') return [];
  const { heading } = block;
  const listed = block.kind !== 'paragraph';
  const found = sentencesOf(block.text).flatMap((statement): Candidate[] => {
    if (STORY.test(statement)) return [{ statement, form: 'user_story', heading }];
    if (statement.endsWith(':')) return [];
    return MODAL.some(([pattern]) => pattern.test(statement)) ? [{ statement, form: 'modal', heading }] : [];
  });
  if (found.length > 0 || !listed) return found;
  const asked =
    PRIORITY_LABEL.test(block.text) || REQUIREMENT_HEADING.test(heading ?? '') || beginsWithWork(block.text);
  return asked ? [{ statement: block.text, form: 'list_item', heading }] : [];
}

function actorOf(statement: string): string | null {
  const story = STORY.exec(statement)?.[1];
  const actor = story ?? ACTOR.exec(statement.replace(/^\W*(?:[A-Z]+-?\d+[:.)]\s*)?/, ''))?.[1];
  if (actor === undefined) return null;
  const name = actor.trim().toLowerCase();
  return /^(it|they|this|that|there|we|i|you|which|and|or)$/.test(name) ? null : name;
}

function signature(statement: string): string {
  const filler = new Set([
    'the',
    'a',
    'an',
    'must',
    'shall',
    'should',
    'may',
    'will',
    'can',
    'could',
    'be',
    'to',
    'able',
    'system',
    'application',
    'its',
    'their',
  ]);
  return [
    ...new Set(
      wordsOf(statement)
        .filter((word) => !filler.has(word))
        .map(stem),
    ),
  ]
    .sort()
    .join(' ');
}

function describe(candidate: Candidate, index: number): Requirement {
  const { statement, heading } = candidate;
  const story = candidate.form === 'user_story' ? STORY.exec(statement) : null;
  const category = categoryOf(statement, heading);
  return {
    id: `REQ-${String(index + 1).padStart(3, '0')}`,
    statement,
    form: candidate.form,
    type: category === 'functional' ? 'functional' : 'non_functional',
    category,
    priority: priorityOf(statement, heading),
    actor: actorOf(statement),
    goal: story?.[2]?.trim() ?? null,
    benefit: (story?.[3] ?? story?.[4])?.trim() ?? null,
    measurable: MEASURE.test(statement),
    ambiguous_terms: ambiguousTerms(statement),
    duplicate_of: null,
  };
}

function markDuplicates(requirements: readonly Requirement[]): Requirement[] {
  const first = new Map<string, string>();
  return requirements.map((requirement) => {
    const key = signature(requirement.statement);
    const original = first.get(key);
    if (original === undefined) first.set(key, requirement.id);
    return { ...requirement, duplicate_of: original ?? null };
  });
}

function summarise(requirements: readonly Requirement[]): RequirementEngineeringOutput['summary'] {
  const count = (passes: (requirement: Requirement) => boolean): number => requirements.filter(passes).length;
  return {
    total: requirements.length,
    functional: count(({ type }) => type === 'functional'),
    non_functional: count(({ type }) => type === 'non_functional'),
    must: count(({ priority }) => priority === 'must'),
    should: count(({ priority }) => priority === 'should'),
    could: count(({ priority }) => priority === 'could'),
    wont: count(({ priority }) => priority === 'wont'),
    ambiguous: count(({ ambiguous_terms: terms }) => terms.length > 0),
    measurable: count(({ measurable }) => measurable),
    duplicates: count(({ duplicate_of: original }) => original !== null),
  };
}

/** Extracts requirement statements word for word and classifies them by the words they use. */
export const requirementEngineering: OfflineAgent<'requirement_engineering'> = ({ config, input, label }) => {
  const { text, from } = findText(input, KEYS, { instructions: configText(config, 'instructions'), label });
  const limit = positiveInteger(config, 'max_requirements', 500);
  const candidates = parseBlocks(text).flatMap(candidatesOf);
  const requirements = markDuplicates(candidates.slice(0, limit).map(describe));
  const notes: string[] = [];
  if (from === 'label') notes.push('The input holds no text; only the name of the step was read.');
  if (requirements.length === 0)
    notes.push(
      'No requirement statement was found: none says must, shall, should, may, will or "As a … I want …".',
    );
  if (candidates.length > limit)
    notes.push(`${String(candidates.length - limit)} further statements were left out (max_requirements).`);
  const vague = requirements.filter(({ type, measurable }) => type === 'non_functional' && !measurable);
  if (vague.length > 0)
    notes.push(`Not measurable although non-functional: ${vague.map(({ id }) => id).join(', ')}.`);
  const actors = [...new Set(requirements.flatMap(({ actor }) => actor ?? []))].sort();
  return { requirements, actors, summary: summarise(requirements), notes };
};
