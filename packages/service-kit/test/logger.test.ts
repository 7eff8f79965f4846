import { createLogger, type LogLevel, redactText } from '@millrace/service-kit';
import { expect } from 'chai';

function setup(level?: LogLevel) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ service: 'worker', destination, ...(level && { level }) });
  const last = (): Record<string, unknown> => {
    const parsed: unknown = JSON.parse(lines.at(-1) ?? 'null');
    if (typeof parsed !== 'object' || parsed === null) throw new Error('nothing was logged');
    return { ...parsed };
  };
  return { log, lines, last };
}

describe('createLogger', () => {
  it('writes one vocabulary', () => {
    const { log, last } = setup();
    log.info({ execution_id: 'exec_1', duration_ms: 3 }, 'claimed');
    const { time, pid, ...rest } = last();
    expect(rest).to.deep.equal({
      level: 'info',
      service: 'worker',
      execution_id: 'exec_1',
      duration_ms: 3,
      message: 'claimed',
    });
    expect(time).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(pid).to.equal(process.pid);
  });

  it('keeps the level', () => {
    const { log, lines } = setup('warn');
    log.info('quiet');
    log.warn('loud');
    expect(lines).to.have.length(1);
  });

  it('removes secrets by their key at any depth, in arrays and in child loggers', () => {
    const { log, lines } = setup();
    const secret = 'hunter2';
    log.child({ apiKey: secret }).info(
      {
        password: secret,
        req: {
          headers: { Authorization: secret, cookie: secret, 'set-cookie': [secret], 'x-api-key': secret },
        },
        body: { user: { refresh_token: secret, accessToken: secret, ADMIN_PASSWORD: secret } },
        list: [{ client_secret: secret }],
        nested: { a: { b: { c: { d: { token: secret } } } } },
      },
      'request',
    );
    expect(lines.join('')).to.contain('[redacted]').and.not.to.contain(secret);
  });

  it('shows what only sounds like a secret', () => {
    const { log, last } = setup();
    log.info({ input_tokens: 12, token_count: 3, password: null, cookie: false }, 'usage');
    expect(last()).to.include({ input_tokens: 12, token_count: 3, password: null, cookie: false });
  });

  it('removes credentials from texts, messages and errors, and leaves valid JSON', () => {
    const { log, lines, last } = setup();
    const error = new Error('connect postgres://millrace:hunter2@db:5432/x', {
      cause: new Error('Authorization: Bearer hunter2hunter2'),
    });
    log.error({ error, url: 'redis://:hunter2@cache', mail: 'http://a:8080"x@y' }, 'at https://u:hunter2@h/');
    expect(lines.join('')).not.to.contain('hunter2');
    expect(last()).to.include({ mail: 'http://a:8080"x@y' });
  });

  it('shows type, code, stack and cause of an error, and nothing a driver hung on it', () => {
    const { log, last } = setup();
    const error = Object.assign(new TypeError('broken', { cause: new Error('deeper') }), {
      code: '23505',
      query: 'INSERT …',
      parameters: ['private'],
    });
    log.error({ error }, 'failed');
    const logged = last()['error'];
    expect(logged)
      .to.include({ type: 'TypeError', message: 'broken', code: '23505' })
      .and.have.property('stack');
    expect(logged).to.have.nested.property('cause.message', 'deeper');
    expect(logged).not.to.have.any.keys('query', 'parameters');
  });

  it('takes a bare error, and survives circles', () => {
    const { log, last } = setup();
    log.error(new Error('bare'));
    expect(last()).to.have.nested.property('error.message', 'bare');
    const circle: Record<string, unknown> = { name: 'x' };
    circle['self'] = circle;
    log.info({ circle }, 'round');
    expect(last()).to.have.nested.property('circle.self', '[circular]');
  });
});

describe('redactText', () => {
  it('keeps user and host of a URL', () => {
    expect(redactText('postgres://millrace:pw@db/x')).to.equal('postgres://millrace:[redacted]@db/x');
  });

  it('does not touch URLs without a password', () => {
    const text = '{"a":"http://localhost:8080","b":"me@example.com"}';
    expect(redactText(text)).to.equal(text);
  });
});
