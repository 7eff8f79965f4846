/** What the scaled installation consists of, checked by its structure: no container engine is needed. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { SETTINGS } from '@millrace/service-kit';
import { expect } from 'chai';
import { parse } from 'yaml';
import * as z from 'zod';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const known = new Set(SETTINGS.map(({ name }) => name));

const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
/** The part of the Compose specification that is used here; an unknown key is a mistake. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  restart: z.enum(['unless-stopped', 'on-failure']),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  shm_size: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  expose: z.array(z.string()).optional(),
  networks: z.array(z.string()),
  healthcheck: z.union([
    z.strictObject({ disable: z.literal(true) }),
    z.strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string(),
      retries: z.number(),
    }),
  ]),
  depends_on: z.record(z.string(), z.strictObject({ condition })).default({}),
  deploy: z.strictObject({
    replicas: z.number().optional(),
    resources: z.strictObject({
      limits: z.strictObject({ memory: z.string() }),
      reservations: z.strictObject({ cpus: z.string(), memory: z.string() }).optional(),
    }),
  }),
});
const composeFile = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
});

const text = read('docker-compose.yml');
const compose = composeFile.parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const dockerfile = read('infra/docker/Dockerfile');
const proxy = read('infra/proxy/default.conf');

/** `services/x/dist/y.js` is built from `services/x/src/y.ts`. */
const sourceOf = (built: string): string => built.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

describe('docker-compose.yml', () => {
  it('has every part of the platform', () => {
    expect(services.map(([name]) => name)).to.have.members([
      ...['postgres', 'redis', 'migrate', 'gateway', 'stream', 'worker', 'scheduler', 'proxy'],
    ]);
  });

  it('checks the health of whatever stays', () => {
    const unchecked = services
      .filter(([, { healthcheck }]) => 'disable' in healthcheck)
      .map(([name]) => name);

    expect(unchecked).to.deep.equal(['migrate']);
  });

  for (const [name, { depends_on: depends }] of services) {
    it(`${name} waits for what exists and can satisfy it`, () => {
      for (const [other, { condition: wanted }] of Object.entries(depends)) {
        const waitedFor = compose.services[other];
        expect(waitedFor, `${name} -> ${other}`).not.to.equal(undefined);
        const ends = waitedFor?.restart === 'on-failure';
        expect(wanted).to.equal(ends ? 'service_completed_successfully' : 'service_healthy');
      }
    });
  }

  for (const [name, { command = [], environment, ports }] of ours) {
    it(`${name} runs a program that exists, with settings that are known, and can be scaled`, () => {
      const [program, script = ''] = command;

      expect(program).to.equal('node');
      expect(existsSync(path.join(root, sourceOf(script))), sourceOf(script)).to.equal(true);
      expect(Object.keys(environment).filter((variable) => !known.has(variable))).to.deep.equal([]);
      expect(ports).to.equal(undefined);
      expect(environment['NODE_ENV']).to.equal('production');
    });
  }

  it('gives the default users to the gateway alone, and the signing secret only to who needs it', () => {
    const having = (variable: string): string[] =>
      services.filter(([, { environment }]) => variable in environment).map(([name]) => name);

    expect(having('ADMIN_PASSWORD')).to.deep.equal(['gateway']);
    expect(having('JWT_SECRET')).to.have.members(['gateway', 'stream']);
    expect(having('SECRETS_KEY')).to.have.members(['gateway', 'worker', 'scheduler']);
  });

  it('opens the proxy alone', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).to.deep.equal([
      'proxy',
    ]);
    expect(text).not.to.include('container_name');
  });

  it('demands every secret, and has no value of one', () => {
    const secrets = [
      'JWT_SECRET',
      'SECRETS_KEY',
      'ADMIN_PASSWORD',
      'USER_PASSWORD',
      'POSTGRES_PASSWORD',
      'REDIS_PASSWORD',
    ];
    for (const name of secrets) {
      const uses = [...text.matchAll(new RegExp(`\\$\\{${name}[^}]*\\}`, 'g'))].map(([use]) => use);
      expect(uses, name).not.to.deep.equal([]);
      for (const use of uses) expect(use).to.match(/^\$\{\w+:\?[^}]+\}$/);
    }
  });

  it('keeps Redis from forgetting', () => {
    const command = compose.services['redis']?.command?.join(' ');

    expect(command).to.include('--appendonly yes').and.to.include('--maxmemory-policy noeviction');
  });

  it('drains for as long as the platform may', () => {
    const drain = Number(SETTINGS.find(({ name }) => name === 'DRAIN_SECONDS')?.default);
    for (const [, { stop_grace_period: grace = '' }] of ours)
      expect(Number.parseInt(grace, 10)).to.be.above(drain);
  });
});

describe('the proxy', () => {
  it('leads to services of the compose file, at their ports', () => {
    const targets = [...proxy.matchAll(/set \$\w+ (\w+):(\d+);/g)];

    expect(new Set(targets.map(([, name]) => name))).to.deep.equal(new Set(['gateway', 'stream']));
    for (const [, name = '', port = ''] of targets) {
      expect(compose.services[name]?.expose).to.deep.equal([port]);
      expect(compose.services[name]?.environment['PORT']).to.equal(port);
    }
  });

  it('listens where the compose file publishes it', () => {
    const listens = /listen (\d+);/.exec(proxy)?.[1] ?? '';

    expect(compose.services['proxy']?.ports).to.deep.equal([
      `\${BIND_ADDRESS:-127.0.0.1}:\${PORT:-8080}:${listens}`,
    ]);
  });
});

describe('the image', () => {
  it('runs as nobody special, checks itself and needs no shell', () => {
    expect(lastStage).to.match(/^USER node$/m);
    expect(lastStage).to.match(/^HEALTHCHECK .+ CMD \["node", "infra\/docker\/healthcheck.js"\]$/m);
    expect(lastStage).to.match(/^CMD \["node", "services\/gateway\/dist\/main\.js"\]$/m);
    expect(existsSync(path.join(root, 'infra/docker/healthcheck.js'))).to.equal(true);
  });

  it('holds no development dependency, no sources and no tests', () => {
    expect(dockerfile).to.match(/npm ci --omit=dev/);
    expect(lastStage).not.to.match(/^RUN /m);
    expect(lastStage).not.to.match(/COPY \. /);
  });

  it('knows where its console is', () => {
    expect(lastStage).to.match(/^ENV CONSOLE_FOLDER=\/app\/services\/console\/dist$/m);
    expect(lastStage).to.match(/^COPY --from=build \/app\/services \.\/services$/m);
  });

  it('is built on a Node that the platform supports', () => {
    expect(Number(/^FROM node:(\d+)/m.exec(dockerfile)?.[1])).to.be.at.least(20);
  });

  it('is built without secrets and without what this machine has made', () => {
    const ignored = read('.dockerignore').split('\n');

    expect(ignored).to.include.members(['.git', '.env', '.data', '**/node_modules', '**/dist']);
  });
});

describe('.env.example', () => {
  const example = read('.env.example');
  const named = new Map(
    [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const composeOnly = [...text.matchAll(/\$\{([A-Z_]+)/g)].flatMap(([, name]) =>
    name === undefined || known.has(name) ? [] : [name],
  );

  it('names every setting of the platform and every variable of the compose file, and no other', () => {
    expect([...named.keys()]).to.have.members([...new Set([...known, ...composeOnly])]);
  });

  it('shows the defaults as they are', () => {
    const wrong = SETTINGS.filter(
      ({ name, default: byDefault }) =>
        byDefault !== undefined && byDefault !== '' && named.get(name) !== byDefault,
    );

    expect(wrong.map(({ name }) => name)).to.deep.equal([]);
  });

  it('sets nothing but what has to be filled in, and holds no secret', () => {
    const set = parseEnv(example);

    expect(Object.keys(set)).to.have.members(
      [...text.matchAll(/\$\{([A-Z_]+):\?/g)]
        .map(([, name]) => name)
        .filter((name, at, all) => all.indexOf(name) === at),
    );
    expect(Object.values(set).every((value) => value === '')).to.equal(true);
  });
});

describe('package-lock.json', () => {
  const locked = z
    .object({
      packages: z.record(
        z.string(),
        z.object({
          resolved: z.string().optional(),
          dependencies: z.record(z.string(), z.string()).default({}),
          optionalDependencies: z.record(z.string(), z.string()).default({}),
        }),
      ),
    })
    .parse(JSON.parse(read('package-lock.json'))).packages;

  it('holds what every platform needs, so that `npm ci` accepts it everywhere', () => {
    const isThere = (place: string, name: string): boolean =>
      place
        .split('/node_modules/')
        .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'))
        .concat('')
        .some((folder) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in locked);
    const missing = Object.entries(locked).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isThere(place, name))
        .map((name) => `${place} -> ${name}`),
    );

    expect(missing).to.deep.equal([]);
  });

  it('names no registry', () => {
    const hosts = Object.values(locked).flatMap(({ resolved }) =>
      resolved?.startsWith('http') ? [resolved] : [],
    );

    expect(hosts).to.deep.equal([]);
  });
});
