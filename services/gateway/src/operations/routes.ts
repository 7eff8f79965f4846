import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import { createOperations } from './service.js';

export function operationHandlers(context: GatewayContext): Handlers<'readOperations'> {
  const operations = createOperations(context);
  return {
    readOperations: async () => ({ status: 200, body: await operations.read() }),
  };
}
