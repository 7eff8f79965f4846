import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import { createEventService } from './service.js';

export function eventHandlers(context: GatewayContext): Handlers<'sendEvent'> {
  const events = createEventService(context);
  return {
    sendEvent: async ({ caller, body }) => ({ status: 202, body: await events.send(caller, body) }),
  };
}
