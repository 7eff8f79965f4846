import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  accountsConfig,
  authConfig,
  ConfigError,
  databaseConfig,
  httpConfig,
  llmConfig,
  loadConfig,
  localConfig,
  loggingConfig,
  outboundConfig,
  redisConfig,
  serviceConfig,
  SETTINGS,
  toolsConfig,
  workerConfig,
} from '@millrace/service-kit';
import { expect } from 'chai';

const DATABASE_URL = 'postgres://millrace:pw@localhost:5432/millrace';
const STRONG_SECRET = 'kT9vQ2xLw7RzN4mB8cYpF1sHdJ6gA3uE';

function failureOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted');
}

describe('loadConfig', () => {
  it('assumes the documented defaults', () => {
    const config = loadConfig(
      {
        http: httpConfig,
        service: serviceConfig,
        logging: loggingConfig,
        database: databaseConfig,
        redis: redisConfig,
        worker: workerConfig,
        outbound: outboundConfig,
        llm: llmConfig,
        local: localConfig,
      },
      { DATABASE_URL },
    );
    expect(config).to.deep.equal({
      http: { port: 8080, host: '127.0.0.1', corsOrigins: [], trustProxy: false },
      service: { production: false, host: '127.0.0.1', drainSeconds: 10, metricsPort: undefined },
      logging: { level: 'info' },
      database: { url: DATABASE_URL, poolSize: 3 },
      redis: { url: undefined, prefix: 'millrace' },
      worker: { concurrency: 200, codeProcesses: 2, maxDepth: 16, mapMaxItems: 100_000, mapPartSize: 256 },
      outbound: { allow: [] },
      llm: {
        provider: 'offline',
        model: undefined,
        providers: {},
        fallbackModels: [],
        prices: {},
        timeoutMs: 120_000,
      },
      local: { workers: 2, dataFolder: '.data' },
    });
  });

  it('reads what is given', () => {
    const config = loadConfig(
      { http: httpConfig, redis: redisConfig, llm: llmConfig, outbound: outboundConfig },
      {
        PORT: '0',
        HOST: '0.0.0.0',
        CORS_ORIGINS: 'https://a.example, https://b.example,',
        TRUST_PROXY: '2',
        REDIS_URL: 'rediss://cache.example:6380/1',
        REDIS_PREFIX: 'team_a',
        LLM_BASE_URL: 'http://localhost:11434/v1',
        LLM_MODEL: 'small',
        LLM_FALLBACK_MODELS: 'anthropic/large, offline',
        LLM_PRICES: '{"small": {"input": 0.1, "output": 0.4}}',
        ANTHROPIC_API_KEY: 'key-of-tests',
        OLLAMA_BASE_URL: 'http://localhost:11434',
        OUTBOUND_ALLOW: '10.0.0.0/8,*.inner.example',
      },
    );
    expect(config).to.deep.equal({
      http: {
        port: 0,
        host: '0.0.0.0',
        corsOrigins: ['https://a.example', 'https://b.example'],
        trustProxy: 2,
      },
      redis: { url: 'rediss://cache.example:6380/1', prefix: 'team_a' },
      llm: {
        provider: 'openai-compatible',
        model: 'small',
        providers: {
          'openai-compatible': { baseUrl: 'http://localhost:11434/v1', apiKey: undefined },
          anthropic: { baseUrl: 'https://api.anthropic.com/v1', apiKey: 'key-of-tests' },
          ollama: { baseUrl: 'http://localhost:11434' },
        },
        fallbackModels: ['anthropic/large', 'offline'],
        prices: { small: { input: 0.1, output: 0.4 } },
        timeoutMs: 120_000,
      },
      outbound: { allow: ['10.0.0.0/8', '*.inner.example'] },
    });
  });

  it('takes networks as trusted proxies and refuses to trust anyone', () => {
    const { http } = loadConfig({ http: httpConfig }, { TRUST_PROXY: 'loopback, 10.0.0.0/8' });
    const failure = failureOf(() => loadConfig({ http: httpConfig }, { TRUST_PROXY: 'true' }));
    expect(http.trustProxy).to.deep.equal(['loopback', '10.0.0.0/8']);
    expect(failure.message).to.contain('TRUST_PROXY');
  });

  it('takes an empty variable for a missing one', () => {
    const { http, redis } = loadConfig({ http: httpConfig, redis: redisConfig }, { PORT: '', REDIS_URL: '' });
    expect([http.port, redis.url]).to.deep.equal([8080, undefined]);
  });

  it('names every bad variable of every section once, in one message', () => {
    const failure = failureOf(() =>
      loadConfig(
        {
          http: httpConfig,
          service: serviceConfig,
          database: databaseConfig,
          worker: workerConfig,
          logging: loggingConfig,
        },
        { PORT: '80801', WORKER_CONCURRENCY: 'many', LOG_LEVEL: 'loud', DRAIN_SECONDS: '-1' },
      ),
    );
    expect(failure.problems.map(({ variable }) => variable)).to.have.members([
      'PORT',
      'DRAIN_SECONDS',
      'DATABASE_URL',
      'WORKER_CONCURRENCY',
      'LOG_LEVEL',
    ]);
    expect(failure.message).to.contain('DATABASE_URL is missing').and.contain('PORT must be a whole number');
  });

  it('never repeats the value of a secret', () => {
    const failure = failureOf(() =>
      loadConfig(
        { auth: authConfig, accounts: accountsConfig, database: databaseConfig, redis: redisConfig },
        {
          NODE_ENV: 'production',
          JWT_SECRET: 'hunter2',
          ADMIN_PASSWORD: 'hunter2',
          DATABASE_URL: 'mysql://root:hunter2@host/db',
          REDIS_URL: 'hunter2',
        },
      ),
    );
    expect(failure.problems).to.have.length(5);
    expect(failure.message).not.to.contain('hunter2');
  });

  it('refuses half a language model provider', () => {
    const noModel = failureOf(() =>
      loadConfig({ llm: llmConfig }, { LLM_BASE_URL: 'https://llm.example/v1' }),
    );
    const noUrl = failureOf(() => loadConfig({ llm: llmConfig }, { LLM_API_KEY: 'k' }));
    expect(noModel.message).to.contain('LLM_MODEL is missing');
    expect(noUrl.message).to.contain('LLM_BASE_URL is missing');
  });

  it('refuses a provider without what it needs, and prices that are none', () => {
    const problems = [
      { LLM_PROVIDER: 'anthropic', LLM_MODEL: 'm' },
      { LLM_PROVIDER: 'ollama', LLM_MODEL: 'm' },
      { LLM_PROVIDER: 'openai-compatible', LLM_MODEL: 'm' },
      { LLM_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'k' },
      { LLM_PROVIDER: 'other' },
      { LLM_PRICES: '{"m": {"input": -1, "output": 0}}' },
      { LLM_PRICES: 'cheap' },
    ].map((env) => failureOf(() => loadConfig({ llm: llmConfig }, env)).problems.map((p) => p.variable));

    expect(problems).to.deep.equal([
      ['ANTHROPIC_API_KEY'],
      ['OLLAMA_BASE_URL'],
      ['LLM_BASE_URL'],
      ['LLM_MODEL'],
      ['LLM_PROVIDER'],
      ['LLM_PRICES'],
      ['LLM_PRICES'],
    ]);
  });

  it('lets a provider be configured for the steps that name it while the others work offline', () => {
    const { llm } = loadConfig({ llm: llmConfig }, { ANTHROPIC_API_KEY: 'k' });
    expect(llm).to.deep.include({ provider: 'offline', model: undefined });
    expect(llm.providers).to.have.all.keys('anthropic');
  });

  describe('secrets', () => {
    const weak: [string, string | undefined][] = [
      ['missing', undefined],
      ['short', 'abc123'],
      ['repetitive', 'a'.repeat(40)],
      ['a placeholder', 'change-me-change-me-change-me-0123456789'],
    ];
    for (const [kind, JWT_SECRET] of weak) {
      it(`production refuses a JWT_SECRET that is ${kind}`, () => {
        const failure = failureOf(() =>
          loadConfig({ auth: authConfig }, { NODE_ENV: 'production', JWT_SECRET }),
        );
        expect(failure.message).to.contain('JWT_SECRET');
      });
    }

    it('counts bytes and not characters', () => {
      const { auth } = loadConfig({ auth: authConfig }, { JWT_SECRET: 'ü'.repeat(16) });
      expect(auth.jwtSecret).to.have.length(16);
    });

    it('refuses a short JWT_SECRET in development too', () => {
      expect(failureOf(() => loadConfig({ auth: authConfig }, { JWT_SECRET: 'short' })).message).to.contain(
        '32',
      );
    });

    it('production wants both passwords, and no well-known one', () => {
      const failure = failureOf(() =>
        loadConfig({ accounts: accountsConfig }, { NODE_ENV: 'production', ADMIN_PASSWORD: 'password123' }),
      );
      expect(failure.problems.map(({ variable }) => variable)).to.deep.equal([
        'ADMIN_PASSWORD',
        'USER_PASSWORD',
      ]);
    });

    it('production accepts strong ones; development needs no passwords', () => {
      const strong = {
        JWT_SECRET: STRONG_SECRET,
        ADMIN_PASSWORD: 'k3-Ufer-Mond',
        USER_PASSWORD: 'q8-Wald-Stein',
      };
      const sections = { auth: authConfig, accounts: accountsConfig };
      const production = loadConfig(sections, { ...strong, NODE_ENV: 'production' });
      const development = loadConfig({ accounts: accountsConfig }, {});
      expect(production.accounts.adminPassword).to.equal('k3-Ufer-Mond');
      expect(development.accounts.adminPassword).to.equal(undefined);
    });
  });
});

describe('the tools of agents', () => {
  const load = (env: NodeJS.ProcessEnv) => loadConfig({ tools: toolsConfig }, env).tools;
  const server = (fields: object) =>
    JSON.stringify({ files: { transport: 'stdio', command: 'x', ...fields } });

  it('are read-only requests and no servers by default', () => {
    expect(load({})).to.deep.equal({ httpMethods: ['GET', 'HEAD'], mcpServers: {} });
  });

  it('take servers with their defaults', () => {
    const files = load({ MCP_SERVERS: server({ env: { TOKEN: '${TOKEN}' } }) }).mcpServers['files'];
    expect(files).to.deep.equal({
      ...{ transport: 'stdio', command: 'x', args: [], env: { TOKEN: '${TOKEN}' }, timeout_seconds: 60 },
    });
  });

  it('take servers from a file', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'millrace-')), 'servers.json');
    writeFileSync(file, '{"docs": {"transport": "http", "url": "https://mcp.example.com/mcp"}}');
    const { mcpServers } = load({ MCP_SERVERS_FILE: file });
    rmSync(path.dirname(file), { recursive: true });
    expect(mcpServers['docs']).to.include({ transport: 'http', timeout_seconds: 60 });
  });

  for (const [env, words] of [
    [{ AGENT_HTTP_METHODS: 'GET,TRACE' }, 'AGENT_HTTP_METHODS must name methods of GET'],
    [{ MCP_SERVERS: '{"hidden":' }, 'MCP_SERVERS must be a JSON object of servers'],
    [
      { MCP_SERVERS: server({ tols: ['hidden'] }) },
      'MCP_SERVERS is wrong at .files: Unrecognized key: "tols"',
    ],
    [{ MCP_SERVERS: server({ timeout_seconds: 0 }) }, 'MCP_SERVERS is wrong at .files.timeout_seconds'],
    [
      { MCP_SERVERS: '{"two__parts": {"transport": "stdio", "command": "x"}}' },
      '.two__parts: must be at most 32 of',
    ],
    [{ MCP_SERVERS: '{"a": {"transport": "http", "url": "https://me:hidden@x/"}}' }, 'must hold no password'],
    [{ MCP_SERVERS: '{}', MCP_SERVERS_FILE: '/x' }, 'MCP_SERVERS_FILE cannot be set beside MCP_SERVERS'],
    [{ MCP_SERVERS_FILE: '/nowhere/at/all' }, 'MCP_SERVERS_FILE names a file that cannot be read'],
  ] as const) {
    it(`refuse ${JSON.stringify(env)}`, () => {
      const { message } = failureOf(() => load(env));
      expect(message).to.contain(words);
      expect(message).not.to.contain('hidden');
    });
  }
});

describe('SETTINGS', () => {
  it('lists each variable once, with a meaning', () => {
    const names = SETTINGS.map(({ name }) => name);
    expect(names).to.have.length(new Set(names).size);
    expect(SETTINGS.every(({ meaning }) => meaning.endsWith('.'))).to.equal(true);
  });

  it('holds every name that scripts rely on', () => {
    const names = SETTINGS.map(({ name }) => name);
    expect(names).to.include.members(
      `PORT HOST WORKERS WORKER_CONCURRENCY MILLRACE_DATA DATABASE_URL REDIS_URL JWT_SECRET ADMIN_PASSWORD USER_PASSWORD
       NODE_ENV LOG_LEVEL LLM_BASE_URL LLM_API_KEY LLM_MODEL REDIS_PREFIX OUTBOUND_ALLOW METRICS_PORT CORS_ORIGINS
       TRUST_PROXY DRAIN_SECONDS`.split(/\s+/),
    );
  });

  it('marks what must not be shown', () => {
    const secret = SETTINGS.filter((setting) => setting.secret).map(({ name }) => name);
    expect(secret).to.have.members([
      'DATABASE_URL',
      'REDIS_URL',
      'JWT_SECRET',
      'SECRETS_KEY',
      'SECRETS_PREVIOUS_KEYS',
      'ADMIN_PASSWORD',
      'USER_PASSWORD',
      'LLM_API_KEY',
      'ANTHROPIC_API_KEY',
    ]);
  });
});
