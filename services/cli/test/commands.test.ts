import { jsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { EXECUTION, event, execution, problem, story, workflow, type Ending } from './support/platform.js';
import { setup, type Bundle } from './support/setup.js';

const DEFINITION = `id: hello
name: Hello
nodes:
  - id: a
    type: set
    data: { config: { values: { n: 1 } } }
`;
const BODY = {
  id: 'hello',
  name: 'Hello',
  nodes: [{ id: 'a', type: 'set', position: { x: 0, y: 0 }, data: { config: { values: { n: 1 } } } }],
  edges: [],
};

describe('millrace', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.stop());

  const submitted = {
    execution_id: EXECUTION,
    workflow_id: 'hello',
    status: 'queued',
    message: '',
    websocket_url: '',
  };
  const willEnd = (ending: Ending): void => {
    const { platform } = bundle;
    platform.routes['POST /workflows/hello/execute'] = () => ({ status: 202, body: submitted });
    platform.routes[`GET /executions/${EXECUTION}`] = () => ({ status: 200, body: execution(ending) });
    platform.onSocket = (socket) => story(ending).forEach((frame) => socket.send(JSON.stringify(frame)));
  };

  describe('apply', () => {
    it('creates what does not exist', async () => {
      const { platform, millrace, file } = bundle;
      platform.routes['POST /workflows/visual/create'] = ({ body }) => ({
        status: 201,
        body: workflow(jsonObject.parse(body)),
      });

      const ran = await millrace(['apply', await file('a.yaml', DEFINITION)]);

      expect(ran).to.deep.equal({ code: 0, stdout: 'created  hello  version 1  Hello\n', stderr: '' });
      expect(platform.seen.at(-1)?.headers.authorization).to.equal('Bearer tok');
    });

    it('leaves what is the same, and updates what is not under its revision', async () => {
      const { platform, millrace, file } = bundle;
      platform.routes['GET /workflows/hello'] = () => ({ status: 200, body: workflow(BODY) });
      platform.routes['PUT /workflows/hello'] = () => ({ status: 200, body: workflow(BODY, 2) });

      const same = await millrace(['apply', await file('a.yaml', DEFINITION)]);
      const changed = await millrace(['apply', '-', '--json'], { input: DEFINITION.replace('n: 1', 'n: 2') });

      expect(same.stdout).to.equal('unchanged  hello  version 1  Hello\n');
      expect(JSON.parse(changed.stdout)).to.include({ action: 'updated', workflow_id: 'hello', version: 2 });
      expect(platform.seen.at(-1)?.headers['if-match']).to.equal('"1"');
    });

    it('prints every error with its line and the request id', async () => {
      const { platform, millrace, file } = bundle;
      const errors = [{ loc: ['body', 'nodes', 0, 'type'], msg: 'unknown kind', type: 'x' }];
      platform.routes['POST /workflows/visual/create'] = () =>
        problem(422, 'validation_failed', 'The definition is invalid', errors);
      const path = await file('a.yaml', DEFINITION);

      const ran = await millrace(['apply', path]);

      expect(ran.code).to.equal(1);
      expect(ran.stderr).to.equal(
        `error: The definition is invalid\n  ${path}:5:11: nodes[0].type: unknown kind\n  request req-42 (HTTP 422)\n`,
      );
    });

    it('sends nothing when one of the files is broken', async () => {
      const { platform, millrace, file } = bundle;

      const ran = await millrace([
        'apply',
        await file('a.yaml', DEFINITION),
        await file('b.yaml', 'name: ['),
      ]);

      expect(ran.code).to.equal(1);
      expect(ran.stderr).to.match(/b\.yaml:1:\d+: /);
      expect(platform.seen).to.have.length(0);
    });
  });

  describe('validate', () => {
    it('works offline and says what it does not check', async () => {
      const { platform, millrace, file } = bundle;

      const good = await millrace(['validate', await file('a.yaml', DEFINITION)]);
      const bad = await millrace([
        'validate',
        await file('b.yaml', DEFINITION.replace('type: set', 'type: sett')),
      ]);

      expect(good.code).to.equal(0);
      expect(good.stderr).to.include('checked by the server');
      expect(bad.code).to.equal(1);
      expect(bad.stdout).to.match(/b\.yaml:5:11: nodes\[0\]\.type: /);
      expect(platform.seen).to.have.length(0);
    });
  });

  describe('run', () => {
    it('prints the execution id alone on stdout', async () => {
      willEnd('completed');

      const ran = await bundle.millrace([
        'run',
        'hello',
        '--params',
        '{"a": 1}',
        '-p',
        'b=[2]',
        '-p',
        'c=x=y',
      ]);

      expect(ran).to.include({ code: 0, stdout: `${EXECUTION}\n` });
      const request = bundle.platform.seen[0];
      expect(request?.body).to.deep.equal({ parameters: { a: 1, b: [2], c: 'x=y' } });
      expect(request?.headers['idempotency-key']).to.be.a('string');
    });

    it('runs to a step, and tests the draft of a workflow', async () => {
      willEnd('completed');
      const { platform, millrace, file } = bundle;
      platform.routes['POST /workflows/hello/draft/execute'] = () => ({ status: 202, body: submitted });

      const ran = await millrace(['run', 'hello', '--until', 'b', '--draft']);
      const refused = await millrace(['run', await file('a.yaml', DEFINITION), '--draft']);

      expect(ran).to.include({ code: 0, stdout: `${EXECUTION}\n` });
      expect(platform.seen).to.have.length(1);
      expect(platform.seen[0]).to.deep.include({ body: { parameters: {}, until_step: 'b' } });
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.include('A file is published by running it');
    });

    it('applies a file first, takes parameters from a file and sends the given key', async () => {
      const { platform, millrace, file } = bundle;
      willEnd('completed');
      platform.routes['GET /workflows/hello'] = () => ({ status: 200, body: workflow(BODY) });
      const params = await file('p.yaml', 'who: ada\n');

      const ran = await millrace([
        'run',
        await file('a.yaml', DEFINITION),
        '--params',
        `@${params}`,
        '--idempotency-key',
        'k1',
      ]);

      expect(ran.code).to.equal(0);
      expect(ran.stderr).to.include('unchanged  hello');
      expect(platform.seen.at(-1)?.body).to.deep.equal({ parameters: { who: 'ada' } });
      expect(platform.seen.at(-1)?.headers['idempotency-key']).to.equal('k1');
    });

    it('draws plain lines on stderr and the output on stdout with --watch', async () => {
      willEnd('completed');

      const ran = await bundle.millrace(['run', 'hello', '--watch']);

      expect(ran.code).to.equal(0);
      expect(JSON.parse(ran.stdout)).to.deep.equal({ n: 1 });
      expect(ran.stderr).to.include('12:00:04.000 ✓ Step a  completed  12ms\n');
      expect(ran.stderr).to.include(`✓ completed in 4.0s  ${EXECUTION}\n`);
    });

    for (const [ending, code] of [
      ['completed', 0],
      ['failed', 2],
      ['cancelled', 3],
      ['timed_out', 4],
    ] as const) {
      it(`exits with ${code} when it ${ending}`, async () => {
        willEnd(ending);
        expect((await bundle.millrace(['run', 'hello', '--watch'])).code).to.equal(code);
        expect((await bundle.millrace(['watch', EXECUTION, '--json'])).code).to.equal(code);
        expect((await bundle.millrace(['events', EXECUTION, '--follow'])).code).to.equal(code);
      });
    }

    it('writes every frame and the result as NDJSON with --json', async () => {
      willEnd('failed');

      const ran = await bundle.millrace(['run', 'hello', '--watch', '--json']);

      const records = ran.stdout
        .trimEnd()
        .split('\n')
        .map((line) => jsonObject.parse(JSON.parse(line)));
      expect(records.map((record) => record.type)).to.deep.equal([
        'queued',
        'started',
        'step_started',
        'step_completed',
        'failed',
        'result',
      ]);
    });

    it('leaves the execution alone at Ctrl-C and says how to come back', async () => {
      willEnd('completed');
      bundle.platform.onSocket = (socket) => {
        socket.send(JSON.stringify(event(1, 'queued', { workflow_version: 1, submitted_by: 'ada' })));
        setImmediate(() => bundle.interrupt());
      };

      const ran = await bundle.millrace(['run', 'hello', '--watch']);

      expect(ran.code).to.equal(130);
      expect(ran.stderr).to.include(`millrace watch ${EXECUTION}`);
      expect(ran.stderr).to.include(`millrace cancel ${EXECUTION}`);
      expect(bundle.platform.seen.some((request) => request.path.endsWith('/cancel'))).to.equal(false);
    });

    for (const [what, argv, message] of [
      ['a missing file', ['run', 'no/such.yaml'], /no\/such\.yaml does not exist/],
      ['what is neither file nor id', ['run', '?'], /neither a file nor the id/],
      ['parameters that are no object', ['run', 'hello', '--params', '[1]'], /must be a JSON object/],
      ['broken parameters', ['run', 'hello', '--params', '{"a'], /--params: /],
      ['an assignment without a key', ['run', 'hello', '--param', '=3'], /write key=value/],
      ['an unknown option', ['run', 'hello', '--wach'], /unknown option '--wach'/],
      ['an unknown command', ['rum'], /unknown command 'rum'/],
      ['a wrong address', ['list', '--url', 'localhost:80'], /not an http/],
      ['a wrong list', ['list', 'users'], /Cannot list "users"/],
      ['a wrong status', ['list', '--status', 'running'], /one of draft, active, archived/],
      ['a wrong limit', ['list', '--limit', '0'], /positive number/],
      ['a filter of another list', ['list', '--since', '2026-01-01'], /--since is no filter of workflows/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const ran = await bundle.millrace(argv);

        expect(ran).to.include({ code: 1, stdout: '' });
        expect(ran.stderr).to.match(message);
        expect(bundle.platform.seen).to.have.length(0);
      });
    }
  });

  it('lists with filters across pages, aligned, as many as asked', async () => {
    const { platform, millrace } = bundle;
    platform.routes['GET /executions'] = ({ query }) => ({
      status: 200,
      body: [execution('running'), execution(query.has('cursor') ? 'failed' : 'completed')],
      headers: query.has('cursor') ? {} : { link: '</api/v1/executions?cursor=c2>; rel="next"' },
    });

    const ran = await millrace([
      'list',
      'executions',
      '--workflow',
      'hello',
      '--since',
      '2026-11-01',
      '-n',
      '3',
    ]);

    const lines = ran.stdout.trimEnd().split('\n');
    expect(lines).to.have.length(4);
    expect(lines[0]).to.match(/^EXECUTION +WORKFLOW +STATUS +STEPS +SUBMITTED +DURATION$/);
    expect(platform.seen[1]?.query.toString()).to.equal(
      'workflow=hello&since=2026-11-01T00%3A00%3A00.000Z&limit=3&cursor=c2',
    );
  });

  it('shows a workflow, its definition and an execution', async () => {
    const { platform, millrace } = bundle;
    const summary = {
      step_id: 'a',
      step_name: 'Step a',
      kind: 'set',
      status: 'completed',
      attempts: 1,
      started_at: null,
      completed_at: null,
      duration_ms: 12,
      error: null,
      retry_at: null,
      wait: null,
      waiting_since: null,
      due_at: null,
    };
    platform.routes['GET /workflows/hello'] = () => ({ status: 200, body: workflow(BODY) });
    platform.routes[`GET /executions/${EXECUTION}`] = () => ({ status: 200, body: execution('completed') });
    platform.routes[`GET /executions/${EXECUTION}/steps`] = () => ({ status: 200, body: [summary] });

    expect((await millrace(['get', 'hello'])).stdout).to.match(/NODE +KIND +LABEL +AFTER\na +set\n/);
    expect((await millrace(['get', 'hello', '--definition'])).stdout).to.include('id: hello\nname: Hello\n');
    expect((await millrace(['get', EXECUTION])).stdout).to.match(/Step a +set +completed +1 +12ms/);
    expect(JSON.parse((await millrace(['get', EXECUTION, '--json'])).stdout)).to.deep.include({
      steps: [summary],
    });
  });

  it('prints events after a seq, and log lines', async () => {
    const { platform, millrace } = bundle;
    platform.routes[`GET /executions/${EXECUTION}/events`] = ({ query }) => ({
      status: 200,
      body: story('completed').filter((frame) => frame.seq > Number(query.get('after_seq'))),
    });
    const line = {
      step_id: 'a',
      attempt: 2,
      line: 1,
      timestamp: '2026-11-01T12:00:00.000Z',
      level: 'info',
      message: 'hi\u{1b}[2J',
    };
    platform.routes[`GET /executions/${EXECUTION}/logs`] = () => ({ status: 200, body: [line] });

    const events = await millrace(['events', EXECUTION, '--after', '3']);
    const logs = await millrace(['logs', EXECUTION, '--step', 'a']);

    expect(events.stdout).to.equal(
      '4     12:00:04.000 ✓ Step a  completed  12ms\n5     12:00:05.000 ✓ completed\n',
    );
    expect(logs.stdout).to.equal('12:00:00.000 info  a#2  hi\u{fffd}[2J\n');
    expect(platform.seen.at(-1)?.query.get('step_id')).to.equal('a');
  });

  it('tells the truth about a cancel', async () => {
    const { platform, millrace } = bundle;
    let status = 'cancelled';
    platform.routes[`POST /executions/${EXECUTION}/cancel`] = () => ({
      status: 200,
      body: execution(status),
    });

    expect((await millrace(['cancel', EXECUTION, '--reason', 'x'])).stdout).to.equal(
      `cancelled  ${EXECUTION}\n`,
    );
    expect(platform.seen[0]?.body).to.deep.equal({ reason: 'x' });
    status = 'completed';
    expect((await millrace(['cancel', EXECUTION])).stdout).to.include('was finished already');
    status = 'running';
    expect((await millrace(['cancel', EXECUTION])).stdout).to.include('has not stopped it yet');
  });

  it('deletes', async () => {
    bundle.platform.routes['DELETE /workflows/hello'] = () => ({ status: 204 });

    expect(await bundle.millrace(['delete', 'hello'])).to.include({ code: 0, stdout: 'deleted  hello\n' });
    expect((await bundle.millrace(['delete', 'other'])).code).to.equal(1);
  });

  it('names the platform that cannot be reached', async () => {
    await bundle.platform.stop();

    const ran = await bundle.millrace(['cancel', EXECUTION, '--url', bundle.platform.url]);

    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.match(/Cannot reach 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
    expect(ran.stderr).to.include('MILLRACE_URL');
  });

  it('documents its exit codes and prints its version', async () => {
    const help = await bundle.millrace(['--help']);

    expect(help.code).to.equal(0);
    expect(help.stdout).to.include('2    the watched execution failed');
    expect((await bundle.millrace(['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
