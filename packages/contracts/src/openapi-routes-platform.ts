import * as z from 'zod';
import { operationsResource } from './http/operations.js';
import { agentResource, healthResponse, probeResponse, stepKindResource } from './http/platform.js';
import { jsonObject } from './json.js';
import type { RouteContract } from './openapi-route.js';
import { toolResource } from './tools.js';

const ANYONE = { method: 'get', access: 'anonymous', tag: 'Platform', alsoAtRoot: true } as const;

/** What the platform is and how it fares. */
export const PLATFORM_ROUTES = {
  listAgents: {
    method: 'get',
    paths: ['/agents'],
    access: 'authenticated',
    tag: 'Catalogue',
    summary: 'The agent types with their configuration schema',
    responses: { 200: { description: 'Agent types', schema: z.array(agentResource) } },
  },
  listStepKinds: {
    method: 'get',
    paths: ['/step-kinds'],
    access: 'authenticated',
    tag: 'Catalogue',
    summary: 'The kinds of step with their configuration schema',
    responses: { 200: { description: 'Step kinds', schema: z.array(stepKindResource) } },
  },
  listTools: {
    method: 'get',
    paths: ['/tools'],
    access: 'authenticated',
    tag: 'Catalogue',
    summary: 'The tools that agents may be given: built-in ones and the MCP servers of the configuration',
    responses: { 200: { description: 'Tools', schema: z.array(toolResource) } },
  },
  health: {
    ...ANYONE,
    paths: ['/health'],
    summary: 'Health of every component',
    description: '`degraded` is still 200: submitting works without the queue, the events bus and workers.',
    responses: {
      200: { description: 'Ready, perhaps degraded', schema: healthResponse },
      503: { description: 'Postgres or its schema is missing', schema: healthResponse },
    },
  },
  live: {
    ...ANYONE,
    paths: ['/health/live'],
    summary: 'Liveness probe: the process answers',
    responses: { 200: { description: 'Alive', schema: probeResponse } },
  },
  ready: {
    ...ANYONE,
    paths: ['/health/ready'],
    summary: 'Readiness probe: Postgres and its schema are there and the process is not draining',
    responses: {
      200: { description: 'Ready', schema: probeResponse },
      503: { description: 'Not ready', schema: probeResponse },
    },
  },
  metrics: {
    method: 'get',
    paths: ['/metrics'],
    alsoAtRoot: true,
    access: 'platform:admin',
    tag: 'Platform',
    summary: 'Metrics in the Prometheus text format',
    description: 'Without a credential on METRICS_PORT, where that is set.',
    responses: { 200: { description: 'Metrics', schema: z.string(), contentType: 'text/plain' } },
  },
  readOperations: {
    method: 'get',
    paths: ['/operations'],
    access: 'platform:admin',
    tag: 'Platform',
    summary: 'How the platform fares: queue, workers, throughput, latencies',
    description:
      'Measured once a second at most. Counts stop at 100,000, and busy minutes are estimated from 2,000 ends; `exact` says so.',
    responses: { 200: { description: 'What was measured', schema: operationsResource } },
  },
  openApi: {
    ...ANYONE,
    paths: ['/openapi.json'],
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1', schema: jsonObject } },
  },
  docs: {
    ...ANYONE,
    paths: ['/docs'],
    summary: 'This document, readable',
    responses: { 200: { description: 'A page', schema: z.string(), contentType: 'text/html' } },
  },
} as const satisfies Record<string, RouteContract>;
