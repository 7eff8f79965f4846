import { randomUUID } from 'node:crypto';
import { readJsonBlob, writeBlob } from '@millrace/persistence';
import { expect } from 'chai';
import { type Bundle, setup } from './support.js';

describe('large payloads', () => {
  let bundle: Bundle;
  before(async () => {
    bundle = await setup();
  });
  after(() => bundle.end());

  const store = (executionId: string, value: unknown): Promise<string> =>
    writeBlob(bundle.engine, {
      ...{ executionId, contentType: 'application/json' },
      content: Buffer.from(JSON.stringify(value)),
    });

  it('come back as they were, whatever their size', async () => {
    const executionId = randomUUID();
    const values = ['', 1, 'x'.repeat(131_070), 'é😀'.repeat(100_000), [{ a: 'ab"'.repeat(700_000) }, [], 7]];

    for (const value of values) {
      const id = await store(executionId, value);
      expect(await readJsonBlob(bundle.engine, executionId, id)).to.deep.equal(value);
    }
  });

  it('are none where there are none, and nobody else’s', async () => {
    const id = await store(randomUUID(), 1);

    expect(await readJsonBlob(bundle.engine, randomUUID(), id)).to.equal(undefined);
  });
});
