import {
  eventFrame,
  executionCounts,
  executionResource,
  iterationSummary,
  logLine,
  stepSummary,
  type EventFrame,
  type ExecutionCounts,
  type ExecutionResource,
  type IterationSummary,
  type LogLine,
  type StepSummary,
  type countExecutionsQuery,
  type listExecutionsQuery,
  type logsQuery,
} from '@millrace/contracts';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type ListExecutionsQuery = QueryOf<typeof listExecutionsQuery>;
export type CountExecutionsQuery = QueryOf<typeof countExecutionsQuery>;
export type LogsQuery = QueryOf<typeof logsQuery>;
export interface EventsQuery {
  /** Events with a greater seq; 0 for all. */
  readonly afterSeq?: number | undefined;
  /** 1 to 1,000; 500 without it. */
  readonly limit?: number | undefined;
}

export interface IterationPlace {
  /** The step with the body. */
  readonly within: string;
  /** As events name it: `"3"`, nested `"3.0"`. */
  readonly iteration: string;
}
export interface IterationsQuery {
  readonly outer?: string | undefined;
  /** 1 to 200; 50 without it. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface ExecutionsApi {
  get(id: string, options?: CallOptions): Promise<ExecutionResource>;
  list(query?: ListExecutionsQuery, options?: CallOptions): Promise<Page<ExecutionResource>>;
  listAll(
    query?: ListExecutionsQuery,
    options?: CallOptions,
  ): AsyncGenerator<ExecutionResource, void, undefined>;
  /** How many there are in each status that is asked for, in all without; counting stops at 10,000. */
  counts(query?: CountExecutionsQuery, options?: CallOptions): Promise<ExecutionCounts>;
  /** The steps of the workflow, or of one iteration of a step with a body. */
  steps(id: string, options?: CallOptions & { of?: IterationPlace }): Promise<StepSummary[]>;
  /** The iterations of a step with a body; `outer` are those it is in itself. */
  iterations(
    id: string,
    stepId: string,
    query?: IterationsQuery,
    options?: CallOptions,
  ): Promise<Page<IterationSummary>>;
  logs(id: string, query?: LogsQuery, options?: CallOptions): Promise<Page<LogLine>>;
  logsAll(id: string, query?: LogsQuery, options?: CallOptions): AsyncGenerator<LogLine, void, undefined>;
  /** Committed events in the order of `seq`. */
  events(id: string, query?: EventsQuery, options?: CallOptions): Promise<EventFrame[]>;
  /** The whole log after `afterSeq`, as far as it is written. */
  eventsAll(
    id: string,
    afterSeq?: number,
    options?: CallOptions,
  ): AsyncGenerator<EventFrame, void, undefined>;
  /**
   * Answers within about 5 s with the execution as it is then: terminal, or still running when the worker needs longer.
   * Cancelling a finished one returns it unchanged.
   */
  cancel(id: string, reason?: string, options?: CallOptions): Promise<ExecutionResource>;
}

const PAGE = 1_000;

export function executionsApi(calls: JsonCalls): ExecutionsApi {
  const at = (id: string, ...rest: string[]): string => path('executions', id, ...rest);
  const list: ExecutionsApi['list'] = (query, options) =>
    calls.page(executionResource, { method: 'GET', path: '/executions', query }, options);
  const logs: ExecutionsApi['logs'] = (id, query, options) =>
    calls.page(logLine, { method: 'GET', path: at(id, 'logs'), query }, options);
  const eventPage = (id: string, query: EventsQuery, options?: CallOptions): Promise<Page<EventFrame>> => {
    const search = { after_seq: query.afterSeq ?? 0, limit: query.limit };
    const spec = { method: 'GET', path: at(id, 'events'), query: search } as const;
    return calls.page(eventFrame, spec, options, 'after_seq');
  };
  return {
    get: (id, options) => calls.get(executionResource, { method: 'GET', path: at(id) }, options),
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    counts: (query, options) =>
      calls.get(executionCounts, { method: 'GET', path: '/executions/counts', query }, options),
    steps: async (id, { of: place, ...options } = {}) => {
      const query = place && { within: place.within, iteration: place.iteration };
      return (await calls.page(stepSummary, { method: 'GET', path: at(id, 'steps'), query }, options)).items;
    },
    iterations: (id, within, { outer, limit, cursor } = {}, options = {}) => {
      const query = { within, iteration: outer, limit, cursor };
      return calls.page(iterationSummary, { method: 'GET', path: at(id, 'steps'), query }, options);
    },
    logs,
    logsAll: (id, query, options) =>
      walk((cursor) => logs(id, { ...query, ...(cursor && { cursor }) }, options)),
    events: async (id, query = {}, options) => (await eventPage(id, query, options)).items,
    eventsAll: (id, afterSeq = 0, options) =>
      walk((cursor) =>
        eventPage(id, { afterSeq: cursor === undefined ? afterSeq : Number(cursor), limit: PAGE }, options),
      ),
    cancel: (id, reason, options) =>
      calls.get(
        executionResource,
        {
          method: 'POST',
          path: at(id, 'cancel'),
          body: reason === undefined ? {} : { reason },
          repeatable: true,
        },
        options,
      ),
  };
}
