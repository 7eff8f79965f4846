import {
  agentResource,
  healthResponse,
  jsonObject,
  operationsResource,
  stepKindResource,
  toolResource,
  type HealthResponse,
  type JsonObject,
  type OperationsResource,
  type ToolResource,
} from '@millrace/contracts';
import type * as z from 'zod';
import { parseJson, problemOf } from '../errors.js';
import type { JsonCalls } from '../http/json.js';
import type { CallOptions, Transport } from '../http/transport.js';
import { path } from '../http/url.js';

export interface Blob {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface PlatformApi {
  /** One look without repetition; "down" is an answer here, not an error. */
  health(options?: CallOptions): Promise<HealthResponse>;
  /** The seven agent types with the JSON Schema of their configuration. */
  agents(options?: CallOptions): Promise<z.output<typeof agentResource>[]>;
  stepKinds(options?: CallOptions): Promise<z.output<typeof stepKindResource>[]>;
  /** What agents may be given: built-in tools and the MCP servers of the configuration. */
  tools(options?: CallOptions): Promise<ToolResource[]>;
  /** Queue, workers, throughput and latencies; needs `platform:admin`. */
  operations(options?: CallOptions): Promise<OperationsResource>;
  openapi(options?: CallOptions): Promise<JsonObject>;
  /** A payload too large for the log, by the `reference` of an `output_ref`. */
  blob(reference: string, options?: CallOptions): Promise<Blob>;
}

export function platformApi(calls: JsonCalls, transport: Transport): PlatformApi {
  return {
    health: (options = {}) =>
      transport.send(
        { method: 'GET', path: '/health', repeatable: false, alsoOk: [503] },
        options,
        async (response) => {
          const text = await response.text();
          const parsed = healthResponse.safeParse(parseJson(text));
          if (parsed.success) return parsed.data;
          throw problemOf(response.status, response.headers, text);
        },
      ),
    agents: async (options) =>
      (await calls.page(agentResource, { method: 'GET', path: '/agents' }, options)).items,
    stepKinds: async (options) =>
      (await calls.page(stepKindResource, { method: 'GET', path: '/step-kinds' }, options)).items,
    tools: async (options) =>
      (await calls.page(toolResource, { method: 'GET', path: '/tools' }, options)).items,
    operations: (options) => calls.get(operationsResource, { method: 'GET', path: '/operations' }, options),
    openapi: (options) => calls.get(jsonObject, { method: 'GET', path: '/openapi.json' }, options),
    blob: (reference, options = {}) =>
      transport.send(
        { method: 'GET', path: path('blobs', reference), headers: { accept: '*/*' } },
        options,
        async (response) => ({
          contentType: response.headers.get('content-type') ?? 'application/octet-stream',
          bytes: new Uint8Array(await response.arrayBuffer()),
        }),
      ),
  };
}
