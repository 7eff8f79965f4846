import type { Health } from '@millrace/service-kit';
import { apiKeyHandlers } from './api-keys/routes.js';
import { authHandlers } from './auth/routes.js';
import { catalogueHandlers } from './catalogue/routes.js';
import type { GatewayContext } from './context.js';
import { docsHandlers } from './docs/routes.js';
import { executionHandlers } from './executions/routes.js';
import type { Component } from './health/components.js';
import { healthHandlers } from './health/routes.js';
import type { Handlers } from './http/route.js';
import { secretHandlers } from './secrets/routes.js';
import { ticketHandlers } from './tickets/routes.js';
import { userHandlers } from './users/routes.js';
import { workflowHandlers } from './workflows/routes.js';

/** One handler for every operation of the contract. */
export function createHandlers(context: GatewayContext, health: Health<Component>): Handlers {
  return {
    ...authHandlers(context),
    ...userHandlers(context),
    ...apiKeyHandlers(context),
    ...ticketHandlers(context),
    ...workflowHandlers(context),
    ...executionHandlers(context),
    ...secretHandlers(context),
    ...catalogueHandlers(),
    ...healthHandlers(context, health),
    ...docsHandlers(context.version),
  };
}
