import * as z from 'zod';
import { jsonValue } from '../json.js';

/** The graph inside a step. Its nodes are checked where nodes are (definition.ts), which this file cannot import. */
export const bodyField = z
  .looseObject({ nodes: z.array(jsonValue).min(1), edges: z.array(jsonValue).optional() })
  .describe('A graph of its own, `{nodes, edges}`; node ids are unique in the whole workflow');
