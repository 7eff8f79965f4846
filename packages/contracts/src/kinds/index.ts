import * as z from 'zod';
import type { JsonObject } from '../json.js';
import { agentKind } from './agent.js';
import { approvalKind } from './approval.js';
import { codeKind } from './code.js';
import { conditionKind } from './condition.js';
import { delayKind } from './delay.js';
import { httpRequestKind } from './http-request.js';
import { mapKind } from './map.js';
import { repeatKind } from './repeat.js';
import { setKind } from './set.js';
import { subWorkflowKind } from './sub-workflow.js';
import { switchKind } from './switch.js';
import { transformKind } from './transform.js';
import { waitForEventKind } from './wait-for-event.js';
import type { StepKindDescriptor } from './descriptor.js';

/** Every kind of step. The worker's map of implementations is exhaustive over these keys. */
export const STEP_KINDS = {
  agent: agentKind,
  approval: approvalKind,
  code: codeKind,
  condition: conditionKind,
  delay: delayKind,
  http_request: httpRequestKind,
  map: mapKind,
  repeat: repeatKind,
  set: setKind,
  sub_workflow: subWorkflowKind,
  switch: switchKind,
  transform: transformKind,
  wait_for_event: waitForEventKind,
} as const satisfies Record<string, StepKindDescriptor>;

export type StepKind = keyof typeof STEP_KINDS;
export const stepKind = z.enum(Object.keys(STEP_KINDS) as [StepKind, ...StepKind[]]).meta({ id: 'StepKind' });

export function isStepKind(text: string): text is StepKind {
  return Object.hasOwn(STEP_KINDS, text);
}

/** The labels that select a branch out of a step of this kind and configuration, but for `error`. */
export function portsOf(kind: StepKind, config: JsonObject): readonly string[] {
  const { configuredPorts, ports } = descriptorOf(kind);
  return configuredPorts === undefined ? ports : [...configuredPorts(config), ...ports];
}

/** The descriptor of a kind, as the general interface. */
export function descriptorOf(kind: StepKind): StepKindDescriptor {
  return STEP_KINDS[kind];
}

export { approvalConfiguration } from './approval.js';
export { conditionConfiguration } from './condition.js';
export { delayConfiguration } from './delay.js';
export { mapConfiguration } from './map.js';
export { repeatConfiguration } from './repeat.js';
export { codeConfiguration, codeLanguage, type CodeLanguage } from './code.js';
export {
  httpAuthentication,
  type HttpAuthentication,
  type OAuth2ClientCredentials,
} from './http-authentication.js';
export { httpPagination, type HttpPagination } from './http-pagination.js';
export {
  httpBodyType,
  httpRequestConfiguration,
  httpResponseType,
  type HttpBodyType,
  type HttpRequestConfiguration,
  type HttpResponseType,
  type HttpStatusPattern,
} from './http-request.js';
export { setConfiguration } from './set.js';
export { subWorkflowConfiguration } from './sub-workflow.js';
export { switchConfiguration } from './switch.js';
export { transformConfiguration } from './transform.js';
export { waitForEventConfiguration } from './wait-for-event.js';
