import * as z from 'zod';
import { agentKind } from './agent.js';
import { codeKind } from './code.js';
import { conditionKind } from './condition.js';
import { delayKind } from './delay.js';
import { httpRequestKind } from './http-request.js';
import { setKind } from './set.js';
import { transformKind } from './transform.js';
import type { StepKindDescriptor } from './descriptor.js';

/** Every kind of step. The worker's map of implementations is exhaustive over these keys. */
export const STEP_KINDS = {
  agent: agentKind,
  code: codeKind,
  condition: conditionKind,
  delay: delayKind,
  http_request: httpRequestKind,
  set: setKind,
  transform: transformKind,
} as const satisfies Record<string, StepKindDescriptor>;

export type StepKind = keyof typeof STEP_KINDS;
export const stepKind = z.enum(Object.keys(STEP_KINDS) as [StepKind, ...StepKind[]]).meta({ id: 'StepKind' });

export function isStepKind(text: string): text is StepKind {
  return Object.hasOwn(STEP_KINDS, text);
}

/** The descriptor of a kind, as the general interface. */
export function descriptorOf(kind: StepKind): StepKindDescriptor {
  return STEP_KINDS[kind];
}

export { codeConfiguration, codeLanguage, type CodeLanguage } from './code.js';
export { conditionConfiguration } from './condition.js';
export { delayConfiguration } from './delay.js';
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
export { transformConfiguration } from './transform.js';
