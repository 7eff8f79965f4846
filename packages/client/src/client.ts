import { isExecutionId, isTerminal, type ExecutionResource, type SessionPlace } from '@millrace/contracts';
import { openSocket as openDefaultSocket } from '#open-socket';
import { fixedToken } from './auth/token-source.js';
import { tokenSourceOf, type Credentials } from './auth/credentials.js';
import { signedIn } from './auth/signed-in.js';
import type { ApiProblem } from './errors.js';
import { follow, type FollowContext, type FollowOptions, type StreamFrame } from './follow/follow.js';
import { socketConnector } from './follow/socket-connection.js';
import { sseConnector } from './follow/sse-connection.js';
import { jsonCalls } from './http/json.js';
import { DEFAULT_RETRY, type RetryOptions } from './http/retry.js';
import { createTransport, type CallOptions, type TransportOptions } from './http/transport.js';
import { apiRoot, path, socketUrl, withQuery } from './http/url.js';
import { accountApi, authApi, type AccountApi, type AuthApi } from './resources/auth.js';
import { controlApi, deadLettersApi, type ControlApi, type DeadLettersApi } from './resources/control.js';
import { executionsApi, type ExecutionsApi } from './resources/executions.js';
import { platformApi, type PlatformApi } from './resources/platform.js';
import { secretsApi, type SecretsApi } from './resources/secrets.js';
import { apiKeysApi, usersApi, type ApiKeysApi, type UsersApi } from './resources/users.js';
import { approvalsApi, eventsApi, type ApprovalsApi, type EventsApi } from './resources/waits.js';
import { callbacksApi, webhooksApi, type CallbacksApi, type WebhooksApi } from './resources/webhooks.js';
import { workflowsApi, type WorkflowsApi } from './resources/workflows.js';
import type { OpenSocket } from './socket/port.js';

export interface ClientOptions {
  /** Absolute address of the platform, with or without `/api/v1`. In a browser: `location.origin`. */
  readonly baseUrl: string;
  readonly credentials?: Credentials | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly openSocket?: OpenSocket | undefined;
  /** Told when a request stays 401 after every renewal: time to sign in again. */
  readonly onUnauthorized?: ((problem: ApiProblem) => void) | undefined;
  /** Milliseconds per try of a request; 30,000 without it. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: Partial<RetryOptions> | undefined;
  readonly stream?: Partial<StreamSettings> | undefined;
  /** Check every answer and frame against the contract and throw ProtocolError when it differs; for tests. */
  readonly validate?: boolean | undefined;
  /** A number in [0, 1) for jitter. */
  readonly random?: (() => number) | undefined;
}

export interface StreamSettings {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly heartbeatMs: number;
  /** Frames kept for a slow consumer before the connection is given up and resumed from the log. */
  readonly bufferLimit: number;
}

const DEFAULT_STREAM: StreamSettings = {
  minDelayMs: 1_000,
  maxDelayMs: 30_000,
  heartbeatMs: 15_000,
  bufferLimit: 10_000,
};

export interface Client extends PlatformApi {
  /** Absolute, ends with `/api/v1`. */
  readonly root: string;
  readonly auth: AuthApi & AccountApi;
  readonly users: UsersApi;
  readonly apiKeys: ApiKeysApi;
  readonly secrets: SecretsApi;
  readonly workflows: WorkflowsApi;
  readonly executions: ExecutionsApi & ControlApi;
  readonly webhooks: WebhooksApi;
  readonly callbacks: CallbacksApi;
  readonly deadLetters: DeadLettersApi;
  readonly approvals: ApprovalsApi;
  /** External events. */
  readonly events: EventsApi;
  /** Live frames over WebSocket: of an execution (`exec_…`) to its end, or of a workflow until aborted. */
  follow(id: string, options?: FollowOptions): AsyncGenerator<StreamFrame, void, undefined>;
  /** The same of one execution over Server-Sent Events, where WebSockets cannot pass. */
  followSse(executionId: string, options?: FollowOptions): AsyncGenerator<StreamFrame, void, undefined>;
  /** Follows an execution to its end and returns it. */
  wait(
    executionId: string,
    options?: Pick<FollowOptions, 'signal' | 'onConnection'>,
  ): Promise<ExecutionResource>;
}

/** Where a session of these credentials has its refresh token. */
function placeOf(credentials: Credentials | undefined): SessionPlace {
  return credentials !== undefined && 'session' in credentials ? 'cookie' : 'body';
}

/** Makes a client; nothing is sent before the first call. Throws a TypeError for a `baseUrl` that is no address. */
export function createClient(options: ClientOptions): Client {
  const validate = options.validate ?? false;
  const stream = { ...DEFAULT_STREAM, ...options.stream };
  const common: Omit<TransportOptions, 'tokens'> = {
    root: apiRoot(options.baseUrl),
    // Called as a method of something else, the browser's fetch throws "Illegal invocation".
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 30_000,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    random: options.random ?? Math.random,
    onUnauthorized: options.onUnauthorized,
  };
  // A refused sign-in is the caller's own 401, not the loss of a session.
  const anonymous = createTransport({ ...common, tokens: fixedToken(undefined), onUnauthorized: undefined });
  const anonymousAuth = authApi(jsonCalls(anonymous, validate));
  const tokens = tokenSourceOf(options.credentials, anonymousAuth);
  const transport = createTransport({ ...common, tokens });
  const calls = jsonCalls(transport, validate);
  const executions = executionsApi(calls);
  const workflows = workflowsApi(calls);

  const contextOf = (id: string, signal: AbortSignal | undefined): Omit<FollowContext, 'connect'> => ({
    tokens,
    readEvents: (executionId, afterSeq) =>
      executions.events(executionId, { afterSeq, limit: 1_000 }, { signal }),
    isOver: async () => {
      if (isExecutionId(id)) return isTerminal((await executions.get(id, { signal })).status);
      await workflows.get(id, { signal });
      return false;
    },
    minDelayMs: stream.minDelayMs,
    maxDelayMs: stream.maxDelayMs,
    random: common.random,
    onUnauthorized: options.onUnauthorized,
  });
  const { bufferLimit, heartbeatMs } = stream;
  const overSocket: Client['follow'] = (id, followOptions = {}) => {
    const address = socketUrl(transport.root + path('ws', 'executions', id));
    const openSocket = options.openSocket ?? openDefaultSocket;
    const connect = socketConnector({ openSocket, heartbeatMs, bufferLimit, validate }, (query) =>
      withQuery(address, query),
    );
    return follow({ ...contextOf(id, followOptions.signal), connect }, id, followOptions);
  };

  return {
    ...platformApi(calls, transport),
    root: transport.root,
    auth: signedIn(anonymousAuth, accountApi(calls, placeOf(options.credentials)), tokens),
    users: usersApi(calls),
    apiKeys: apiKeysApi(calls),
    secrets: secretsApi(calls),
    workflows,
    webhooks: webhooksApi(calls),
    callbacks: callbacksApi(calls),
    executions: { ...executions, ...controlApi(calls) },
    deadLetters: deadLettersApi(calls),
    approvals: approvalsApi(calls),
    events: eventsApi(calls),
    follow: overSocket,
    followSse: (id, followOptions = {}) => {
      const settings = { transport, idleMs: heartbeatMs * 3, bufferLimit, validate };
      const connect = sseConnector(settings, path('executions', id, 'events'));
      return follow({ ...contextOf(id, followOptions.signal), connect }, id, followOptions);
    },
    wait: async (id, waitOptions = {}) => {
      const frames = overSocket(id, waitOptions);
      while ((await frames.next()).done !== true);
      const callOptions: CallOptions = { signal: waitOptions.signal };
      return executions.get(id, callOptions);
    },
  };
}
