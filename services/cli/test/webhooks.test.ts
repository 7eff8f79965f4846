import { expect } from 'chai';
import { setup, type Bundle } from './support/setup.js';

const WEBHOOK = {
  id: '01936d5e-8f00-7abc-8def-0123456789ab',
  workflow_id: 'hello',
  name: 'Orders',
  path: 'orders',
  url: '/hooks/orders',
  methods: ['POST'],
  signature: { type: 'github' },
  mapping: null,
  response: { mode: 'immediate', timeout_seconds: 30 },
  idempotency: null,
  content_types: null,
  enabled: true,
  has_secret: true,
  previous_secret_until: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  created_by: 'admin',
  updated_by: 'admin',
};
const DELIVERY = {
  id: '01936d5e-8f00-7abc-8def-0123456789ac',
  received_at: '2026-01-01T00:00:00.000Z',
  method: 'POST',
  status: 401,
  size_bytes: 2,
  duration_ms: 1,
  delivery_key: null,
  execution_id: null,
  reason: 'the signature is not one made with the secret',
};
const CALLBACK = {
  execution_id: 'exec_01936d5e-8f00-7abc-8def-0123456789ab',
  workflow_id: 'hello',
  status: 'failed',
  url: 'https://example.com/done',
  events: ['completed'],
  secret: null,
  header_names: [],
  attempts: 10,
  next_attempt_at: null,
  last_attempt_at: '2026-01-01T00:00:00.000Z',
  last_status: 500,
  last_error: 'the receiver answered 500',
  created_at: '2026-01-01T00:00:00.000Z',
};
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

describe('millrace webhooks and callbacks', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.stop());

  it('creates a webhook and shows its secret', async () => {
    const { platform, millrace } = bundle;
    platform.routes['POST /workflows/hello/webhooks'] = () => ({
      status: 201,
      body: { ...WEBHOOK, secret: 'made by the platform' },
    });

    const settings = '{"mapping": {"id": "=body.id"}}';
    const ran = await millrace([
      'webhooks',
      'create',
      'hello',
      '--signature',
      'github',
      '--settings',
      settings,
    ]);
    const wrong = await millrace(['webhooks', 'create', 'hello', '--signature', 'morse']);

    expect(ran.stdout).to.equal(`${WEBHOOK.id}  /hooks/orders\nsecret  made by the platform\n`);
    expect(platform.seen.at(-1)?.body).to.deep.include({
      signature: { type: 'github' },
      mapping: { id: '=body.id' },
    });
    expect([wrong.code, wrong.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code !== 0 && text.includes('signature'),
    );
  });

  it('lists webhooks and what arrived', async () => {
    const { platform, millrace } = bundle;
    platform.routes['GET /workflows/hello/webhooks'] = () => ({ status: 200, body: [WEBHOOK] });
    platform.routes[`GET /webhooks/${WEBHOOK.id}/deliveries`] = () => ({ status: 200, body: [DELIVERY] });

    const listed = await millrace(['webhooks', 'list', 'hello']);
    const arrived = await millrace(['webhooks', 'deliveries', WEBHOOK.id, '--refused']);

    expect(cells(listed.stdout).at(-1)).to.deep.equal([
      WEBHOOK.id,
      'Orders',
      '/hooks/orders',
      'github',
      'yes',
    ]);
    expect(cells(arrived.stdout).at(-1)).to.deep.equal([
      '2026-01-01T00:00:00Z',
      'POST',
      '401',
      '-',
      DELIVERY.reason,
    ]);
    expect(platform.seen.at(-1)?.query.get('outcome')).to.equal('refused');
  });

  it('lists callbacks that were given up and delivers them again', async () => {
    const { platform, millrace } = bundle;
    platform.routes['GET /callbacks'] = () => ({ status: 200, body: [CALLBACK] });
    platform.routes[`POST /callbacks/${CALLBACK.execution_id}/redeliver`] = () => ({
      status: 202,
      body: { ...CALLBACK, status: 'pending' },
    });

    const listed = await millrace(['callbacks', 'list', '--status', 'failed', '--json']);
    const asked = platform.seen.at(-1)?.query.get('status');
    const again = await millrace(['callbacks', 'redeliver', CALLBACK.execution_id]);
    const wrong = await millrace(['callbacks', 'list', '--status', 'lost']);

    expect(JSON.parse(listed.stdout)).to.deep.equal(CALLBACK);
    expect(asked).to.equal('failed');
    expect(again.stdout).to.equal(`due now  ${CALLBACK.execution_id}\n`);
    expect(wrong.stderr).to.include('waiting, pending, delivered, failed, skipped');
  });
});
