import { parseBlocks, sentencesOf, tidy } from '../text/blocks.js';
import { stripLeadIn, wordsOf, workVerb } from '../text/words.js';
import {
  camelCase,
  pascalCase,
  singular,
  typeOf,
  type Field,
  type Operation,
  type TypeRef,
} from './model.js';
import { parseType, typeFromName } from './types.js';

type Entities = ReadonlySet<string>;

const SIGNATURE =
  /(`?)\b(async\s+)?(function\s+|def\s+|fn\s+)?([A-Za-z_$][\w$]*)\(([^()\n]*)\)\s*(?:(?::|->|=>|returns)\s*([A-Za-z_][\w.]*(?:[<[][\w<>[\], |]+[>\]])?(?:\[\])?))?/g;
const PROSE =
  /\b(?:function|method|operation)\s+(?:called\s+|named\s+)?[`"']?([A-Za-z_]\w*)[`"']?\s*(?:that\s+|which\s+)?(?:takes|accepts|receives|with|given)\s+(.+?)(?:,?\s+(?:and\s+)?(?:that\s+)?returns?\s+(.+?))?(?:[.;]|$)/gis;
const ROUTE = /\b(GET|POST|PUT|PATCH|DELETE)\s+(\/[\w\-/{}:.]*)/g;
const MODAL =
  /^(?:.*?\b)?(?:must|shall|should|may|could|will|can|needs? to|ha(?:s|ve) to)\s+(?:be able to\s+|also\s+|automatically\s+)?([a-z].+)$/is;
const STORY =
  /\bI\s+(?:want|need|would like|can|wish)(?:\s+to)?\s+(.+?)(?:,?\s+(?:so that|in order to)\b|[.!]?$)/is;
const STOP = new Set(
  'to for by with within from in on at when if so that after before and or using via into per of as while whenever until about through against without over every each which who'.split(
    ' ',
  ),
);
const SKIP = new Set('a an the all any its their his her my our new own only'.split(' '));
const IO =
  /^(send|save|load|fetch|store|upload|download|get|list|create|delete|update|import|export|publish|persist|notify|register|book|cancel|process|add|remove|search|find|show|display|record|log|authenticate|show)$/;

function parseParameter(text: string, entities: Entities): Field | undefined {
  const match = /^\s*(?:\.\.\.)?([A-Za-z_$][\w$]*)\s*(\?)?\s*(?::\s*([^=]+))?(=.*)?$/s.exec(text);
  if (match?.[1] === undefined || /^(?:self|cls|this)$/.test(match[1])) return undefined;
  const type = match[3] === undefined ? undefined : parseType(match[3], entities);
  return {
    name: camelCase(match[1]),
    type: type ?? typeFromName(match[1], entities),
    optional:
      match[2] !== undefined || match[4] !== undefined || /Optional\[|None|undefined/.test(match[3] ?? ''),
  };
}

function fromSignatures(text: string, entities: Entities): Operation[] {
  return [...text.matchAll(SIGNATURE)].flatMap((match): Operation[] => {
    const [whole, tick, isAsync, keyword, name = '', list = '', written] = match;
    const typed = /\w\s*\??\s*:\s*\w/.test(list) || written !== undefined;
    const identifier = /[a-z][A-Z]|_/.test(name);
    if (!keyword && !typed && !(tick === '`' || identifier)) return [];
    if (/^(?:if|for|while|switch|catch|return|constructor)$/.test(name)) return [];
    const parameters = list.split(',').flatMap((part) => parseParameter(part, entities) ?? []);
    return [
      {
        name: camelCase(name),
        parameters,
        returns:
          parseType(written ?? '', entities) ??
          (written === undefined ? resultOf(name, entities) : typeOf('unknown')),
        async: isAsync !== undefined || /^Promise\b/.test(written ?? ''),
        source: tidy(whole.replaceAll('`', '')),
      },
    ];
  });
}

function fromProse(text: string, entities: Entities): Operation[] {
  return [...text.matchAll(PROSE)].map((match): Operation => {
    const [whole, name = '', takes = '', returned] = match;
    const parameters = takes.split(/,\s*(?:and\s+)?|\s+and\s+/).flatMap((part): Field[] => {
      const bare = tidy(part)
        .replace(/^(?:an?|the|two|optional)\s+/i, '')
        .replace(/[`"']/g, '');
      const typed = /^(.+?)\s*\((.+)\)$/.exec(bare);
      const label = (typed?.[1] ?? bare).replace(/\s+(?:of|for|as|in|to)\b.*$/i, '');
      if (!/^[A-Za-z]/.test(label) || label.split(/\s+/).length > 4) return [];
      return [
        {
          name: camelCase(label),
          type: parseType(typed?.[2] ?? '', entities) ?? typeFromName(label, entities),
          optional: /\boptional\b/i.test(part),
        },
      ];
    });
    const words = (returned ?? '').replace(/^(?:an?|the)\s+/i, '').trim();
    const first = words.split(/\s+/)[0] ?? '';
    const returns =
      returned === undefined
        ? resultOf(name, entities)
        : (parseType(words, entities) ??
          parseType(first, entities) ??
          (/^(?:whether|true|false|if)\b/i.test(words)
            ? typeOf('boolean')
            : typeFromName(words.replace(/\s+(?:of|for|in)\b.*$/i, ''), entities)));
    return { name: camelCase(name), parameters, returns, async: false, source: tidy(whole) };
  });
}

const ROUTE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'replace',
  PATCH: 'update',
  DELETE: 'delete',
};

function fromRoutes(text: string, entities: Entities): Operation[] {
  return [...text.matchAll(ROUTE)].flatMap((match): Operation[] => {
    const method = match[1] ?? '';
    const segments = (match[2] ?? '')
      .replace(/[.]$/, '')
      .split('/')
      .filter((part) => part !== '' && !/^(?:api|v\d+)$/.test(part));
    const isParameter = (part: string): boolean => /^[{:]/.test(part);
    const named = segments.filter((part) => !isParameter(part));
    const last = named.at(-1);
    if (last === undefined) return [];
    const one = isParameter(segments.at(-1) ?? '');
    const entity = pascalCase(singular(last));
    const noun = one || method === 'POST' ? entity : pascalCase(last);
    const verb = method === 'GET' ? (one ? 'get' : 'list') : (ROUTE_VERBS[method] ?? 'call');
    const parameters = segments
      .filter(isParameter)
      .map((part): Field => ({ name: camelCase(part), type: typeOf('string'), optional: false }));
    const subject: TypeRef = entities.has(entity)
      ? { base: 'entity', entity, list: false }
      : typeOf('unknown');
    const body: Field[] = /^(?:POST|PUT|PATCH)$/.test(method)
      ? [{ name: camelCase(entity), type: subject, optional: false }]
      : [];
    const returns = method === 'DELETE' ? typeOf('void') : { ...subject, list: method === 'GET' && !one };
    return [
      { name: verb + noun, parameters: [...parameters, ...body], returns, async: true, source: match[0] },
    ];
  });
}

function mentioned(text: string, entities: Entities): string[] {
  const words = wordsOf(text).map((word) => pascalCase(singular(word)));
  return [...entities].filter(
    (entity) =>
      words.includes(entity) ||
      text.toLowerCase().includes(entity.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()),
  );
}

/** What a function with such a name gives back, by its verb and the entity in it. */
function resultOf(name: string, entities: Entities): TypeRef {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _]+/);
  const [verb = '', ...rest] = words;
  const [entity] = mentioned(rest.join(' '), entities);
  if (/^(is|has|can|check|validate|verify|authenticate|authorize)$/.test(verb)) return typeOf('boolean');
  if (/^(calculate|compute|count|sum|estimate|measure|total)$/.test(verb)) return typeOf('number');
  if (/^(list|search|filter|findall)$/.test(verb))
    return entity === undefined ? typeOf('unknown', true) : { base: 'entity', entity, list: true };
  if (
    /^(get|find|create|update|replace|load|fetch|register|book|add|save|import|parse|show|display|view|see)$/.test(
      verb,
    ) &&
    entity !== undefined
  )
    return { base: 'entity', entity, list: (rest.at(-1) ?? '').endsWith('s') };
  return /^(delete|remove|send|notify|log|publish|cancel|store|save|persist|register)$/.test(verb)
    ? typeOf('void')
    : typeOf('unknown');
}

/** "send a confirmation mail to the customer" becomes `sendConfirmationMail`; undefined without a verb of work. */
export function operationFromPhrase(
  phrase: string,
  entities: Entities,
  source: string,
): Operation | undefined {
  const text = stripLeadIn(tidy(phrase));
  const [first = '', ...rest] = text.match(/[A-Za-z][\w-]*|[,.;:(]/g) ?? [];
  const verb =
    /^(?:see|view|read|search|reset|pay|log|sign|receive|enter|edit|change|submit|choose|use|print|rate|share|invite|close|open|merge|sort|group|rank|count|sum|match|route|retry|queue|block|lock|reject|accept|return|reply|order|buy|sell|refund|charge|manage|keep|support)$/i.test(
      first,
    )
      ? first.toLowerCase()
      : workVerb(first);
  if (verb === undefined) return undefined;
  const nouns: string[] = [];
  for (const word of rest) {
    if (STOP.has(word.toLowerCase()) || /^\W$/.test(word) || nouns.length === 3) break;
    if (!SKIP.has(word.toLowerCase())) nouns.push(word);
  }
  if (nouns.length === 0) return undefined;
  const name = camelCase([verb, ...nouns].join(' '));
  const parameters = mentioned(text, entities).map((entity): Field => ({
    name: camelCase(entity),
    type: { base: 'entity', entity, list: false },
    optional: false,
  }));
  const by = /\bby\s+(?:an?\s+|the\s+|its\s+)?([a-z]+)/i.exec(text)?.[1];
  const extra: Field[] =
    by === undefined || workVerb(by) !== undefined || parameters.some((field) => field.name === camelCase(by))
      ? []
      : [{ name: camelCase(by), type: typeFromName(by, entities), optional: false }];
  return {
    name,
    parameters: [...parameters, ...extra],
    returns: resultOf(name, entities),
    async: IO.test(verb),
    source,
  };
}

/** What requirement statements and user stories ask the software to do. */
function fromStatements(text: string, entities: Entities): Operation[] {
  return parseBlocks(text)
    .filter(({ kind }) => kind !== 'heading')
    .flatMap((block) => sentencesOf(block.text))
    .flatMap((sentence) => {
      const asked =
        STORY.exec(sentence)?.[1] ??
        (/\b(?:must|shall|should|may|will|can)\s+not\b/i.test(sentence)
          ? undefined
          : MODAL.exec(sentence)?.[1]);
      return (asked === undefined ? undefined : operationFromPhrase(asked, entities, tidy(sentence))) ?? [];
    });
}

/** Every operation a text names, by signature, prose, route or requirement, each name once. */
export function readOperations(text: string, entities: Entities): Operation[] {
  const unique = new Map<string, Operation>();
  for (const operation of [
    ...fromSignatures(text, entities),
    ...fromProse(text, entities),
    ...fromRoutes(text, entities),
    ...fromStatements(text, entities),
  ]) {
    if (operation.name !== '' && !unique.has(operation.name)) unique.set(operation.name, operation);
  }
  return [...unique.values()];
}
