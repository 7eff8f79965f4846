export type { Credentials } from './auth/credentials.js';
export { fixedToken, type TokenSource } from './auth/token-source.js';
export { sessionTokens, type SessionStart } from './auth/session.js';
export { createClient, type Client, type ClientOptions, type StreamSettings } from './client.js';
export { ApiProblem, NetworkError, ProtocolError, StreamRefused } from './errors.js';
export { isEventFrame, isTerminalFrame, isTransientFrame } from './follow/frames.js';
export type { ConnectionState, FollowOptions, StreamFrame } from './follow/follow.js';
export type { Page } from './http/json.js';
export type { RetryOptions } from './http/retry.js';
export type { CallOptions } from './http/transport.js';
export { apiRoot } from './http/url.js';
export type { AccountApi, AuthApi, InCookie } from './resources/auth.js';
export type { ControlApi, DeadLettersApi, ListDeadLettersQuery } from './resources/control.js';
export type {
  CountExecutionsQuery,
  EventsQuery,
  ExecutionsApi,
  IterationPlace,
  IterationsQuery,
  ListExecutionsQuery,
  LogsQuery,
} from './resources/executions.js';
export type { Blob, PlatformApi } from './resources/platform.js';
export type { ListSecretsQuery, SecretQuery, SecretsApi } from './resources/secrets.js';
export type { ApiKeysApi, PageQuery, UsersApi } from './resources/users.js';
export type {
  ApprovalsApi,
  CountApprovalsQuery,
  EventsApi,
  ListApprovalsQuery,
  ListEventWaitsQuery,
  ListKeptEventsQuery,
} from './resources/waits.js';
export type {
  CallbacksApi,
  ListCallbacksQuery,
  ListDeliveriesQuery,
  WebhooksApi,
} from './resources/webhooks.js';
export type {
  BatchItem,
  ExecuteOptions,
  ListWorkflowsQuery,
  ListWorkflowExecutionsQuery,
  StartOptions,
  WorkflowsApi,
  WriteOptions,
} from './resources/workflows.js';
export type { OpenSocket, Socket, SocketEvents, SocketRefusal } from './socket/port.js';
