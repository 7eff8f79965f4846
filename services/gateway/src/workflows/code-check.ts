import {
  bodyOf,
  codeConfiguration,
  type CodeLanguage,
  type Definition,
  type ErrorItem,
  type Node,
} from '@millrace/contracts';
import type { CodeChecker, CodeProblem } from '@millrace/sandbox';
import { invalidRequest } from '@millrace/service-kit';
import type { Part } from './definition.js';

type Loc = readonly (string | number)[];

interface Source {
  readonly nodeId: string;
  readonly loc: Loc;
  readonly language: CodeLanguage;
  readonly source: string;
}

/** What a save waits for at most; what was not checked by then meets its error when it runs. */
const CHECK_MS = 10_000;
const MAX_PROBLEMS = 100;

/** Throws 422 with every `code` step whose source does not compile, and where. Nothing of it runs, and nothing blocks. */
export async function checkCode(
  checker: Pick<CodeChecker, 'check'>,
  definition: Pick<Definition, 'nodes' | 'on_failure'>,
  part: Part = 'body',
): Promise<void> {
  const signal = AbortSignal.timeout(CHECK_MS);
  const known = new Map<string, CodeProblem | undefined>();
  const errors: ErrorItem[] = [];
  for (const { nodeId, loc, language, source } of sourcesIn(definition)) {
    if (signal.aborted || errors.length >= MAX_PROBLEMS) break;
    const key = `${language} ${source}`;
    if (!known.has(key)) known.set(key, await checker.check({ language, source }, signal));
    const problem = known.get(key);
    if (problem !== undefined) {
      errors.push({
        loc: [part, ...loc],
        msg: `node "${nodeId}": ${worded(problem)}`,
        type: 'invalid_code',
      });
    }
  }
  if (errors.length > 0) throw invalidRequest(errors);
}

function worded({ message, line, column }: CodeProblem): string {
  return line === undefined ? message : `line ${String(line)}, column ${String(column)}: ${message}`;
}

function* sourcesIn({ nodes, on_failure }: Pick<Definition, 'nodes' | 'on_failure'>): Generator<Source> {
  yield* sourcesOf(nodes, ['nodes']);
  if (on_failure !== undefined) yield* sourcesOf(on_failure.nodes, ['on_failure', 'nodes']);
}

function* sourcesOf(nodes: readonly Node[], at: Loc): Generator<Source> {
  for (const [position, node] of nodes.entries()) {
    const config: Loc = [...at, position, 'data', 'config'];
    const body = bodyOf(node);
    if (body !== undefined) yield* sourcesOf(body.nodes, [...config, 'body', 'nodes']);
    if (node.type !== 'code') continue;
    const { language, source } = codeConfiguration.parse(node.data.config);
    yield { nodeId: node.id, loc: [...config, 'source'], language, source };
  }
}
