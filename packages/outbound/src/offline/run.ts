import { type JsonObject, type JsonValue, jsonObject, type ReasoningEntry } from '@millrace/contracts';
import { agentError, type AgentErrorCode } from '../agents/errors.js';
import { failure, plainObject, success } from '../agents/outcome.js';
import { AGENT_OUTPUTS, type AgentResults } from '../agents/outputs.js';
import { describeIssues, resultSchemaOf } from '../agents/result-schema.js';
import type { AgentConfig, AgentError, AgentOutcome, AgentType } from '../agents/types.js';
import { OutboundFailure } from '../outcome.js';
import { placesOf } from './input.js';
import { findFiles } from './files.js';
import { runOffline } from './provider.js';
import {
  nextCalls,
  type Observed,
  type PlannedCall,
  withLookedUp,
  withObserved,
} from './reason/observations.js';
import { inCouncil, inSteps, type Reasoned } from './reason/reason.js';

/** A request without its functions: what can be sent to a process. */
export interface OfflineRequest {
  readonly agentType: AgentType;
  readonly config: AgentConfig;
  readonly input: JsonValue;
  readonly label: string;
  /** Of the pattern `react`: what the tools have shown so far, in order. */
  readonly observed?: readonly Observed[];
  /** Names of the tools there are; given, the answer may be the calls to make next. */
  readonly tools?: readonly string[];
}

export type OfflineAnswer =
  | { readonly kind: 'calls'; readonly calls: readonly PlannedCall[] }
  | { readonly kind: 'result'; readonly result: JsonObject; readonly entries: readonly ReasoningEntry[] }
  | { readonly kind: 'error'; readonly error: AgentError };

const OFFLINE_CODES: readonly AgentErrorCode[] = ['input_invalid', 'dependency_cycle'];

/** Does the work here and now, however long it takes. Never throws. */
export function workOffline(request: OfflineRequest): OfflineAnswer {
  const { agentType } = request;
  try {
    return work(request);
  } catch (error) {
    const code =
      error instanceof OutboundFailure
        ? OFFLINE_CODES.find((known) => known === error.error.code)
        : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return refused(code ?? 'internal', code ? message : `The offline ${agentType} agent failed: ${message}`);
  }
}

function refused(code: AgentErrorCode, message: string): OfflineAnswer {
  return { kind: 'error', error: agentError(code, message) };
}

function work(request: OfflineRequest): OfflineAnswer {
  const { agentType, config, label, tools, observed = [] } = request;
  const input = withLookedUp(request.input, observed);
  const isReacting = tools !== undefined;
  const draft = runOffline(agentType, { config, input, label });
  if (isReacting) {
    const calls = nextCalls(agentType, request.input, tools, observed, draft);
    if (calls.length > 0) return { kind: 'calls', calls };
  }
  const result = isReacting ? withObserved(agentType, draft, observed) : draft;
  const reasoned = reason(agentType, { ...request, input }, result);
  const own = AGENT_OUTPUTS[agentType].safeParse(reasoned.result);
  if (!own.success) {
    const where = own.error.issues[0]?.path.map(String).join('.') ?? '';
    return refused('internal', `The offline ${agentType} agent gave a result of the wrong shape at ${where}`);
  }
  const plain = plainObject(own.data);
  if (config.output_schema !== undefined) {
    const wanted = resultSchemaOf(agentType, config).check.safeParse(plain);
    if (!wanted.success)
      return refused(
        'agent_output_invalid',
        `The offline provider knows only the ${agentType} result itself, which does not match output_schema: ${describeIssues(wanted.error)}`,
      );
  }
  return { kind: 'result', result: jsonObject.parse(plain), entries: reasoned.entries };
}

function reason<Type extends AgentType>(
  agentType: Type,
  { config, input }: OfflineRequest,
  result: AgentResults[Type],
): Reasoned<Type> {
  if (config.reasoning_pattern === 'chain_of_thought') return inSteps(agentType, describe(input), result);
  if (config.reasoning_pattern === 'raise') return inCouncil(agentType, result, config);
  return { result, entries: [] };
}

function describe(input: JsonValue): string {
  const places = placesOf(input);
  const texts = places.filter(({ value }) => typeof value === 'string');
  const characters = texts.reduce(
    (sum, { value }) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );
  const files = findFiles(input).length;
  const parts = [
    `${String(places.length)} values`,
    `${String(texts.length)} texts of ${String(characters)} characters`,
  ];
  return [...parts, ...(files > 0 ? [`${String(files)} source files`] : [])].join(', ');
}

/** Work without tools, from beginning to end. */
export function runOfflineAgent(request: OfflineRequest): AgentOutcome {
  const answer = workOffline(request);
  if (answer.kind === 'result') return success(answer.result, OFFLINE, null);
  return failure(answer.kind === 'error' ? answer.error : agentError('internal', 'No tools were given'));
}

export const OFFLINE = { provider: 'offline', model: null } as const;
