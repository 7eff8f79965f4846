import { expect } from 'chai';
import { fetchSize, InvalidCursorError, pageOf, uuidCursor } from '../src/paging.js';

const UUID = '01936d5e-8f00-7abc-8def-0123456789ab';

describe('paging', () => {
  const page = (rows: number[], limit: number): unknown => pageOf(rows, { limit }, String, (row) => row * 10);

  it('asks for one row more than wanted', () => {
    expect(fetchSize({ limit: 50 })).to.equal(51);
  });

  it('refuses sizes that are no size', () => {
    for (const limit of [0, -1, 1.5, 1_001, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => fetchSize({ limit })).to.throw(RangeError);
    }
  });

  it('gives a cursor of the last row shown when there are more', () => {
    expect(page([5, 4, 3], 2)).to.deep.equal({ items: [50, 40], nextCursor: '4' });
  });

  it('gives none on the last page', () => {
    expect(page([5, 4], 2)).to.deep.equal({ items: [50, 40] });
    expect(page([], 2)).to.deep.equal({ items: [] });
  });

  it('accepts a UUID or nothing as cursor', () => {
    expect(uuidCursor(UUID)).to.equal(UUID);
    expect(uuidCursor(undefined)).to.equal(undefined);
    for (const cursor of ['', 'x', `${UUID}0`, ` ${UUID}`, `${UUID}\n`]) {
      expect(() => uuidCursor(cursor)).to.throw(InvalidCursorError);
    }
  });
});
