import { existsSync } from 'node:fs';
import path from 'node:path';
import { createTargetCheck } from '@millrace/outbound';
import { assertSchema, createApiDatabase, createPool } from '@millrace/persistence';
import { type CrashProbe, createFeed, createRuntime } from '@millrace/runtime';
import { createCodeChecker } from '@millrace/sandbox';
import {
  accountsConfig,
  authConfig,
  type Authenticator,
  connectMessaging,
  consoleConfig,
  createAuthenticator,
  createLifecycle,
  createLogger,
  createMetrics,
  databaseConfig,
  type Health,
  httpConfig,
  loadConfig,
  type Logger,
  loggingConfig,
  type Metrics,
  outboundConfig,
  redisConfig,
  secretsConfig,
  toolsConfig,
  VERSION,
} from '@millrace/service-kit';
import type { Express } from 'express';
import { createApp } from './app.js';
import { createPasswords } from './auth/passwords.js';
import { seedDefaultUsers } from './auth/seed.js';
import { createCallbackTargets } from './callbacks/target.js';
import type { GatewayContext } from './context.js';
import { connectedOnDemand } from './connected-on-demand.js';
import { createDraining } from './draining.js';
import { type Component, createGatewayHealth } from './health/components.js';
import { measureQueue } from './health/queue-metrics.js';
import { createInFlight } from './http/in-flight.js';
import { createDeliveryLog } from './webhooks/deliveries.js';
import { createMappings } from './webhooks/mapping.js';

/** How long `stop` keeps the stores open for answers that are under way. */
const IN_FLIGHT_MS = 5_000;

export interface GatewayOptions {
  /** `process.env` without it. See the configuration table. */
  env?: NodeJS.ProcessEnv;
  log?: Logger;
  /** For tests: told of every crash window that its runtime passes. */
  crash?: CrashProbe;
}

export interface Gateway {
  /** An express application: mount it, or give it to `http.createServer`. Serves health before `start`, too. */
  readonly app: Express;
  readonly authenticator: Authenticator;
  readonly health: Health<Component>;
  readonly metrics: Metrics;
  /** Connects, refuses a schema that is not this build's, makes missing default users. */
  start(): Promise<void>;
  /** Ends event streams with a hint to come again and reports not ready. Part of `stop`; call it before closing a server. */
  drain(): void;
  /** Waits for answers under way (5 s at most), hands over what was accepted, and closes every connection to the stores. */
  stop(): Promise<void>;
}

/** Throws a ConfigError that names every wrong or missing variable. */
export function createGateway(options: GatewayOptions = {}): Gateway {
  const sections = {
    auth: authConfig,
    accounts: accountsConfig,
    console: consoleConfig,
    database: databaseConfig,
    http: httpConfig,
    logging: loggingConfig,
    outbound: outboundConfig,
    redis: redisConfig,
    secrets: secretsConfig,
    tools: toolsConfig,
  };
  const config = loadConfig(sections, options.env);
  const log = options.log ?? createLogger({ service: 'gateway', level: config.logging.level });
  const onIdleError = (error: Error): void => {
    log.warn({ error }, 'a database connection broke and is replaced');
  };
  const databaseUrl = config.database.url;
  const db = connectedOnDemand(
    createApiDatabase({ databaseUrl, applicationName: 'millrace-gateway-api', onIdleError }),
  );
  const pool = createPool({
    ...{ databaseUrl, onIdleError },
    role: 'millrace_engine',
    max: config.database.poolSize,
    applicationName: 'millrace-gateway',
  });
  const messaging = connectMessaging('gateway', config, log);
  const context: GatewayContext = {
    ...{ db, pool, messaging, log },
    runtime: createRuntime({
      pool,
      queue: messaging.queue,
      events: messaging.events,
      log,
      ...config.secrets,
      ...(options.crash && { crash: options.crash }),
    }),
    feed: createFeed({ db: pool, events: messaging.events, log }),
    authenticator: createAuthenticator({ database: pool, jwtSecret: config.auth.jwtSecret }),
    passwords: createPasswords(),
    keyring: config.secrets.keyring,
    callbackTargets: createCallbackTargets({
      pool,
      keyring: config.secrets.keyring,
      checkTarget: createTargetCheck({ allow: config.outbound.allow }),
    }),
    mappings: createMappings(),
    mcpServers: config.tools.mcpServers,
    deliveries: createDeliveryLog({ pool, log }),
    metrics: createMetrics('gateway'),
    codeChecker: createCodeChecker(),
    draining: createDraining(),
    inFlight: createInFlight(),
    version: VERSION,
  };
  const health = createGatewayHealth(context);
  measureQueue(context);
  const consoleFolder = config.console.folder && path.resolve(config.console.folder);
  const app = createApp(context, health, { ...config.auth, ...config.http, consoleFolder });

  async function close(): Promise<void> {
    context.draining.begin();
    await context.inFlight.settled(IN_FLIGHT_MS);
    await Promise.all([context.deliveries.stop(), context.mappings.stop(), context.codeChecker.stop()]);
    await context.feed.stop();
    await context.runtime.settle();
    context.metrics.stop();
    await Promise.all([messaging.close(), db.stop(), pool.end()]);
  }

  const lifecycle = createLifecycle({
    async start() {
      try {
        await assertSchema(pool);
        await db.start();
        await seedDefaultUsers(context, config.accounts);
        if (consoleFolder !== undefined && !existsSync(path.join(consoleFolder, 'index.html'))) {
          log.warn({ folder: consoleFolder }, 'there is no built console in CONSOLE_FOLDER');
        }
      } catch (error) {
        await close();
        throw error;
      }
    },
    stop: close,
  });

  return {
    ...{ app, health },
    ...{ authenticator: context.authenticator, metrics: context.metrics },
    drain: () => {
      context.draining.begin();
    },
    ...lifecycle,
  };
}
