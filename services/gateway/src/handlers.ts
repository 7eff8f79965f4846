import type { Health } from '@millrace/service-kit';
import { apiKeyHandlers } from './api-keys/routes.js';
import { approvalHandlers } from './approvals/routes.js';
import { accountHandlers, authHandlers } from './auth/routes.js';
import { callbackHandlers } from './callbacks/routes.js';
import { catalogueHandlers } from './catalogue/routes.js';
import type { GatewayContext } from './context.js';
import { deadLetterHandlers } from './dead-letters/routes.js';
import { docsHandlers } from './docs/routes.js';
import { eventHandlers } from './events/routes.js';
import { createExecutionControl } from './executions/control-routes.js';
import { executionHandlers } from './executions/routes.js';
import type { Component } from './health/components.js';
import { healthHandlers } from './health/routes.js';
import type { Handlers } from './http/route.js';
import { operationHandlers } from './operations/routes.js';
import { secretHandlers } from './secrets/routes.js';
import { ticketHandlers } from './tickets/routes.js';
import { userHandlers } from './users/routes.js';
import { webhookHandlers } from './webhooks/routes.js';
import { workflowHandlers } from './workflows/routes.js';
import { versionHandlers } from './workflows/version-routes.js';

/** One handler for every operation of the contract. */
export function createHandlers(context: GatewayContext, health: Health<Component>): Handlers {
  const control = createExecutionControl(context);
  return {
    ...authHandlers(context),
    ...accountHandlers(context),
    ...userHandlers(context),
    ...apiKeyHandlers(context),
    ...ticketHandlers(context),
    ...workflowHandlers(context),
    ...versionHandlers(context),
    ...executionHandlers(context),
    ...approvalHandlers(context),
    ...eventHandlers(context),
    ...control.handlers,
    ...deadLetterHandlers(context, control),
    ...secretHandlers(context),
    ...webhookHandlers(context),
    ...callbackHandlers(context),
    ...catalogueHandlers(context),
    ...operationHandlers(context),
    ...healthHandlers(context, health),
    ...docsHandlers(context.version),
  };
}
