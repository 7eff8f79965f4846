import type { Caller } from '../caller.js';
import { accessRepository, type AccessRepository } from './access.js';
import { apiKeyRepository, type ApiKeyRepository } from './api-keys.js';
import { approvalRepository, type ApprovalRepository } from './approvals.js';
import { callbackRepository, type CallbackRepository } from './callbacks.js';
import { deadLetterRepository, type DeadLetterRepository } from './dead-letters.js';
import { draftRepository, type DraftRepository } from './drafts.js';
import { eventRepository, type EventRepository } from './events.js';
import { executionRepository, type ExecutionRepository } from './executions.js';
import { loginFailureRepository, type LoginFailureRepository } from './login-failures.js';
import { loginSessionRepository, type LoginSessionRepository } from './login-sessions.js';
import {
  blobRepository,
  stepLogRepository,
  type BlobRepository,
  type StepLogRepository,
} from './payloads.js';
import { secretRepository, type SecretRepository } from './secrets.js';
import type { Session } from './session.js';
import { streamTicketRepository, type StreamTicketRepository } from './stream-tickets.js';
import { userRepository, type UserRepository } from './users.js';
import { webhookRepository, type WebhookRepository } from './webhooks.js';
import { workerRepository, type WorkerRepository } from './workers.js';
import { workflowVersionRepository, type WorkflowVersionRepository } from './workflow-versions.js';
import { workflowRepository, type WorkflowRepository } from './workflows.js';

/** What the platform itself reads and writes, on nobody's behalf: accounts, credentials, who owns what. */
export interface PlatformRepositories {
  users: UserRepository;
  sessions: LoginSessionRepository;
  apiKeys: ApiKeyRepository;
  tickets: StreamTicketRepository;
  loginFailures: LoginFailureRepository;
  workers: WorkerRepository;
  access: AccessRepository;
}

/** What a caller reads and writes, inside one transaction and under row-level security. */
export interface CallerRepositories {
  workflows: WorkflowRepository;
  versions: WorkflowVersionRepository;
  drafts: DraftRepository;
  executions: ExecutionRepository;
  approvals: ApprovalRepository;
  deadLetters: DeadLetterRepository;
  events: EventRepository;
  blobs: BlobRepository;
  stepLogs: StepLogRepository;
  secrets: SecretRepository;
  webhooks: WebhookRepository;
  callbacks: CallbackRepository;
  users: UserRepository;
  access: AccessRepository;
}

export function platformRepositories(session: Session): PlatformRepositories {
  return {
    users: userRepository(session),
    sessions: loginSessionRepository(session),
    apiKeys: apiKeyRepository(session),
    tickets: streamTicketRepository(session),
    loginFailures: loginFailureRepository(session),
    workers: workerRepository(session),
    access: accessRepository(session),
  };
}

export function callerRepositories(session: Session, caller: Caller): CallerRepositories {
  return {
    workflows: workflowRepository(session, caller),
    versions: workflowVersionRepository(session, caller),
    drafts: draftRepository(session, caller),
    executions: executionRepository(session, caller),
    approvals: approvalRepository(session, caller),
    deadLetters: deadLetterRepository(session, caller),
    events: eventRepository(session, caller),
    blobs: blobRepository(session),
    stepLogs: stepLogRepository(session),
    secrets: secretRepository(session, caller),
    webhooks: webhookRepository(session, caller),
    callbacks: callbackRepository(session, caller),
    users: userRepository(session),
    access: accessRepository(session),
  };
}
