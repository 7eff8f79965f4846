import type { Requirement } from '../../agents/requirement-engineering.js';
import { kindOfWork, stripLeadIn, beginsWithWork, capitalise, imperative } from '../text/words.js';
import { parseBlocks, sentencesOf, tidy, type Block } from '../text/blocks.js';

/** A piece of work found in a text, before it becomes a task. */
export interface Item {
  readonly title: string;
  /** The words of the text it comes from, or null when it was derived. */
  readonly source: string | null;
  readonly detail: string;
  /** Follows the item before it, because the text is numbered or says "then". */
  readonly sequential: boolean;
  /** The heading it stands under. */
  readonly group: string | null;
}

/** A relation the words state: `after` waits for `before`; both are indexes of items. */
export interface Relation {
  readonly before: number;
  readonly after: number;
}

export interface Reading {
  readonly items: Item[];
  readonly relations: Relation[];
}

interface Clause {
  readonly text: string;
  /** The clause waits for the one before it. */
  readonly follows: boolean;
}

const SEQUENCE =
  /(?:[,;.]?\s+(?:and\s+)?(?:then|after that|afterwards|thereafter|finally|lastly|next|followed by)\b[,:]?\s+)/i;

/** "After A, B" and "Before B, A" and "B after A": two clauses in the order in which the work happens. */
function temporal(sentence: string): Clause[] | undefined {
  const leadingAfter = /^(?:after|once|when|as soon as)\s+(.+?),\s+(.+)$/is.exec(sentence);
  const leadingBefore = /^before\s+(.+?),\s+(.+)$/is.exec(sentence);
  const trailingAfter = /^(.+?),?\s+(?:after|once)\s+(.+)$/is.exec(sentence);
  const trailingBefore = /^(.+?),?\s+before\s+(.+)$/is.exec(sentence);
  const pair = (first: string | undefined, second: string | undefined): Clause[] | undefined => {
    const parts = [first ?? '', second ?? ''].map((part) =>
      part.replace(
        /\s+(?:is|are|has been|have been)\s+(?:done|ready|finished|complete(?:d)?|in place|available)\b/i,
        '',
      ),
    );
    const [before = '', after = ''] = parts;
    const works = (text: string): boolean => kindOfWork(text) !== undefined;
    return works(before) && works(after)
      ? [
          { text: before, follows: false },
          { text: after, follows: true },
        ]
      : undefined;
  };
  if (leadingAfter) return pair(leadingAfter[1], leadingAfter[2]);
  if (leadingBefore) return pair(leadingBefore[2], leadingBefore[1]);
  if (trailingAfter) return pair(trailingAfter[2], trailingAfter[1]);
  if (trailingBefore) return pair(trailingBefore[1], trailingBefore[2]);
  return undefined;
}

/** "build A, test B and deploy C" is three pieces of work; "build A and B" is one. */
function splitCoordinated(text: string): string[] {
  const parts = text.split(/,\s+(?:and\s+)?|;\s+|\s+and\s+/);
  const merged: string[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last !== undefined && !beginsWithWork(part)) {
      const joint = text.slice(
        text.indexOf(last) + last.length,
        text.indexOf(part, text.indexOf(last) + last.length),
      );
      merged[merged.length - 1] = last + joint + part;
    } else merged.push(part);
  }
  return merged;
}

function clausesOf(sentence: string): Clause[] {
  const parts = sentence.split(SEQUENCE).filter((part) => part.trim() !== '');
  return parts.flatMap((part, index): Clause[] => {
    const startsLater = index > 0 || /^(?:then|finally|afterwards|after that|next|lastly)\b/i.test(part);
    const pair = temporal(part.trim());
    if (pair) return pair.map((clause, at) => (at === 0 ? { ...clause, follows: startsLater } : clause));
    return splitCoordinated(part).map((text, at) => ({ text, follows: at === 0 && startsLater }));
  });
}

function titleOf(text: string, fallbackVerb: string): string {
  const bare = imperative(tidy(stripLeadIn(tidy(text))));
  const short = bare.length > 140 ? `${bare.slice(0, bare.lastIndexOf(' ', 139))} …` : bare;
  return capitalise(
    beginsWithWork(bare) || kindOfWork(bare) !== undefined ? short : `${fallbackVerb} ${short}`,
  );
}

function fromSentences(blocks: readonly Block[]): Item[] {
  return blocks.flatMap((block) =>
    sentencesOf(block.text).flatMap((sentence) => {
      const clauses = clausesOf(sentence).filter(({ text }) => beginsWithWork(text) || gerund(text));
      return clauses.map(({ text, follows }): Item => ({
        title: titleOf(text, 'Implement'),
        source: text.trim(),
        detail: tidy(sentence),
        sequential: follows,
        group: block.heading,
      }));
    }),
  );
}

function gerund(text: string): boolean {
  return /^\s*(?:the\s+)?\w+ing\b/i.test(text) && kindOfWork(text) !== undefined;
}

function fromList(blocks: readonly Block[]): Item[] {
  const top = Math.min(...blocks.map((block) => block.level));
  const items: Item[] = [];
  for (const block of blocks) {
    const parent = items.at(-1);
    if (block.level > top && parent) {
      items[items.length - 1] = { ...parent, detail: `${parent.detail}; ${tidy(block.text)}` };
      continue;
    }
    const [head = block.text] = sentencesOf(block.text);
    const clauses = clausesOf(head);
    const many =
      clauses.length > 1 &&
      clauses.every(({ text }) => beginsWithWork(text)) &&
      clauses.some(({ follows }) => follows);
    const parts = many ? clauses : [{ text: head, follows: false }];
    parts.forEach(({ text, follows }, index) => {
      items.push({
        title: titleOf(text.replace(/^\s*(?:task|step)\s*#?\d+\s*[:.-]\s*/i, ''), 'Implement'),
        source: text.trim(),
        detail: tidy(block.text),
        sequential: index > 0 ? follows : block.kind === 'numbered',
        group: block.heading,
      });
    });
  }
  return items;
}

/** "after step 2", "depends on 1 and 3", "requires task #4": references to the numbers of a list. */
function references(items: readonly Item[]): Relation[] {
  return items.flatMap((item, after) => {
    const named = [
      ...item.detail.matchAll(
        /\b(?:depends on|requires|needs|after|once|blocked by)\s+(?:(?:steps?|tasks?|items?|points?)\s*)?#?(\d{1,3}(?:\s*(?:,|and|&)\s*#?\d{1,3})*)\b/gi,
      ),
    ];
    return named
      .flatMap((match) => (match[1] ?? '').match(/\d+/g) ?? [])
      .map((number) => ({ before: Number(number) - 1, after }))
      .filter(({ before }) => before >= 0 && before < items.length && before !== after);
  });
}

/** Reads a text: its list items where there are at least two, else the sentences and clauses that name work. */
export function readItems(text: string): Reading {
  const blocks = parseBlocks(text).filter((block) => block.kind !== 'heading');
  const listed = blocks.filter((block) => block.kind !== 'paragraph');
  const items = listed.length >= 2 ? fromList(listed) : fromSentences(blocks);
  const unique = items.filter(
    (item, index) =>
      items.findIndex((other) => other.title === item.title && other.group === item.group) === index,
  );
  return { items: unique, relations: references(unique) };
}

const WHAT_IS_ASKED =
  /^(?:.*?\b)?(?:must|shall|should|may|could|might|will|can|needs? to|ha(?:s|ve) to)\s+(?:be able to\s+|also\s+)?(.+)$/is;

function requirementTitle(
  { category, actor, goal: story }: Pick<Requirement, 'category' | 'actor' | 'goal'>,
  goal: string,
): string {
  if (category !== 'functional') return `Ensure ${category}: ${goal}`;
  const byPerson = actor !== null && !/^(system|application|app|service|platform|server|api|ui)$/.test(actor);
  if (byPerson && (story !== null || !beginsWithWork(goal))) return `Let ${actor} ${goal}`;
  return titleOf(goal, 'Implement');
}

/** One piece of work for each requirement that is wanted and not said twice. */
export function itemsOfRequirements(
  requirements: readonly Pick<
    Requirement,
    'id' | 'statement' | 'goal' | 'actor' | 'category' | 'priority' | 'duplicate_of'
  >[],
): Item[] {
  return requirements
    .filter(({ duplicate_of: original, priority }) => original === null && priority !== 'wont')
    .map((requirement) => {
      const goal = tidy(
        requirement.goal ?? WHAT_IS_ASKED.exec(requirement.statement)?.[1] ?? requirement.statement,
      );
      const title = requirementTitle(requirement, goal);
      return {
        title: title.length > 140 ? `${title.slice(0, title.lastIndexOf(' ', 139))} …` : title,
        source: requirement.statement,
        detail: `${requirement.id} (${requirement.priority}): ${tidy(requirement.statement)}`,
        sequential: false,
        group: null,
      };
    });
}
