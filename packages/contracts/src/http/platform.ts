import * as z from 'zod';
import { jsonObject, jsonValue } from '../json.js';

export const componentHealth = z
  .object({ status: z.enum(['ok', 'degraded', 'down']), detail: z.string().optional() })
  .catchall(z.union([z.string(), z.number()]))
  .meta({ id: 'ComponentHealth' });
export const healthResponse = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    version: z.string(),
    uptime_seconds: z.number(),
    components: z.object({
      api: componentHealth,
      database: componentHealth,
      queue: componentHealth,
      events: componentHealth,
      workers: componentHealth,
    }),
  })
  .meta({ id: 'Health' });
export type HealthResponse = z.infer<typeof healthResponse>;

export const probeResponse = z
  .object({ status: z.enum(['ok', 'down']), detail: z.string().optional() })
  .meta({ id: 'Probe' });

export const agentResource = z
  .object({ agent_type: z.string(), title: z.string(), description: z.string(), config_schema: jsonObject })
  .meta({ id: 'AgentDescription' });
export const stepKindResource = z
  .object({
    kind: z.string(),
    title: z.string(),
    description: z.string(),
    purity: z.enum(['pure', 'effectful']),
    ports: z.array(z.string()),
    config_schema: jsonObject,
    example: jsonValue,
  })
  .meta({ id: 'StepKindDescription' });
