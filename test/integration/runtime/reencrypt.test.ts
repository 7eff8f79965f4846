import { randomBytes } from 'node:crypto';
import {
  createKeyring,
  openText,
  type Place,
  placeOfCallbackHeaders,
  placeOfSigningSecret,
  placeOfWebhookSecret,
  sealText,
} from '@millrace/persistence';
import { expect } from 'chai';
import { type RuntimeSetup, startRuntime } from '../../support/runtime.js';

const NODE = { id: 'a', type: 'set', data: { config: { values: {} } } } as const;
const oldKey = randomBytes(32);
const newKey = randomBytes(32);

describe('a changed key', () => {
  let setup: RuntimeSetup;
  const old = createKeyring({ key: oldKey });
  const current = createKeyring({ key: newKey });
  const both = createKeyring({ key: newKey, previousKeys: [oldKey] });
  beforeEach(async () => {
    setup = await startRuntime({ keyring: both });
  });
  afterEach(() => setup.stop());

  /** Everything sealed that is beside the secrets themselves, with the place each opens in. */
  async function sealed(): Promise<{ text: string; place: Place }[]> {
    const { rows } = await setup.pool.query<{ kind: string; named: string; text: string }>(`
      SELECT 'webhook' AS kind, id::text AS named, unnest(ARRAY[secret, previous_secret]) AS text FROM webhooks
      UNION ALL
      SELECT 'signing', workflow_id, unnest(ARRAY[secret, previous_secret]) FROM workflow_callbacks
      UNION ALL SELECT 'headers', workflow_id, target ->> 'sealed_headers' FROM workflow_callbacks
      UNION ALL SELECT 'headers', workflow_id, target ->> 'sealed_headers' FROM callbacks`);
    const places: Record<string, (name: string) => Place> = {
      webhook: placeOfWebhookSecret,
      signing: placeOfSigningSecret,
      headers: placeOfCallbackHeaders,
    };
    return rows.flatMap(({ kind, named, text }) => {
      const place = places[kind]?.(named);
      return place === undefined ? [] : [{ text, place }];
    });
  }

  it('takes the place of the old one for all that webhooks and callbacks keep', async () => {
    const { pool, owner, runtime } = setup;
    const workflowId = await setup.createWorkflow({ nodes: [NODE] });
    const webhookId = '01936d5e-8f00-7abc-8def-0123456789ab';
    const webhook = sealText(old, 'of the webhook', placeOfWebhookSecret(webhookId));
    const signing = sealText(old, 'for signing', placeOfSigningSecret(workflowId));
    const target = {
      host: 'example.com',
      url: 'https://example.com/',
      sealed_headers: sealText(old, 'headers', placeOfCallbackHeaders(workflowId)),
    };
    await pool.query(
      `INSERT INTO webhooks (id, workflow_id, path, name, settings, secret, previous_secret, previous_secret_until,
         created_by, updated_by)
       VALUES ($1, $2, 'incoming', 'Incoming', '{}', $3, $3, now() + interval '1 day', $4, $4)`,
      [webhookId, workflowId, webhook, owner.id],
    );
    await pool.query(
      `INSERT INTO workflow_callbacks (workflow_id, target, secret, previous_secret, previous_secret_until, updated_by)
       VALUES ($1, $2, $3, $3, now() + interval '1 day', $4)`,
      [workflowId, JSON.stringify(target), signing, owner.id],
    );
    await pool.query(
      `INSERT INTO callbacks (execution_id, workflow_id, owner_id, target, next_attempt_at)
       VALUES (uuid7(), $1, $3, $2, now())`,
      [workflowId, JSON.stringify(target), owner.id],
    );

    const done = [await runtime.sweeps.reencryptSecrets(), await runtime.sweeps.reencryptSecrets()];

    expect(done).to.deep.equal([6, 0]);
    const found = await sealed();
    expect(found.map(({ text, place }) => openText(current, text, place))).to.deep.equal(
      ['of the webhook', 'of the webhook', 'for signing', 'for signing', 'headers', 'headers'].map(
        (text) => ({
          ok: true,
          text,
        }),
      ),
    );
    const { rows } = await pool.query<{ url: string }>(`SELECT target ->> 'url' AS url FROM callbacks`);
    expect(rows).to.deep.equal([{ url: 'https://example.com/' }]);
  });

  it('leaves what no key opens as it is', async () => {
    const { pool, owner, runtime } = setup;
    const workflowId = await setup.createWorkflow({ nodes: [NODE] });
    const lost = sealText(createKeyring({ key: randomBytes(32) }), 'lost', placeOfSigningSecret(workflowId));
    await pool.query('INSERT INTO workflow_callbacks (workflow_id, secret, updated_by) VALUES ($1, $2, $3)', [
      workflowId,
      lost,
      owner.id,
    ]);

    expect(await runtime.sweeps.reencryptSecrets()).to.equal(0);

    const { rows } = await pool.query('SELECT secret FROM workflow_callbacks');
    expect(rows).to.deep.equal([{ secret: lost }]);
  });
});
