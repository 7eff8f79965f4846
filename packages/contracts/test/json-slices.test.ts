import { expect } from 'chai';
import { atOnce, isSmallJson, JsonLimitError, parseJsonSlices, writeJsonSlices } from '../src/index.js';

const LIMITS = { length: 50_000_000, values: 5_000_000, depth: 200 };
const parse = (text: string, limits = {}): unknown => atOnce(parseJsonSlices(text, { ...LIMITS, ...limits }));
const write = (value: unknown, limits = {}): string | undefined =>
  atOnce(writeJsonSlices(value, { ...LIMITS, ...limits }))?.pieces.join('');

/** Cut anywhere, also within escapes and between the halves of a character. */
function cut(text: string, random: () => number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + Math.floor(random() ** 5 * 90_000);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
}

/** The same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function randomValue(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 5 : 8));
  if (kind === 0) return null;
  if (kind === 1) return random() > 0.5;
  if (kind === 2) return Math.floor(random() * 1e9) / 7;
  if (kind === 3) return 'a"\\{[,]}:é\u2028😀\ud800'.slice(Math.floor(random() * 12));
  if (kind === 4) return 'x'.repeat(Math.floor(random() ** 9 * 200_000));
  const length = Math.floor(random() ** 3 * 30);
  if (kind === 5) return Array.from({ length }, () => randomValue(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length }, (_, index) => [
      index === 3 ? '__proto__' : `"k\\${Math.floor(random() * 1e6)},`,
      randomValue(random, depth + 1),
    ]),
  );
}

describe('JSON in slices', () => {
  it('parses and writes what JSON does, of any shape', () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = generator(seed);
      const value = Array.from({ length: 20 }, () => randomValue(random, 0));
      const text = JSON.stringify(value);
      expect(JSON.stringify(parse(text)), `seed ${seed}`).to.equal(text);
      const spaced = JSON.stringify(value, null, '\t');
      expect(JSON.stringify(parse(spaced)), `seed ${seed}, spaced`).to.equal(text);
      expect(write(value), `seed ${seed}, written`).to.equal(text);
      const pieces = cut(spaced, random);
      expect(JSON.stringify(atOnce(parseJsonSlices(pieces, LIMITS))), `seed ${seed}, cut`).to.equal(text);
    }
  }).timeout(60_000);

  it('never makes a long text or a long list one string', () => {
    for (const unit of ['x', 'é\\"\n', '\u0000\u2028', '😀', '\ud800']) {
      const long = unit.repeat(200_000);
      for (const value of [long, [long, 1, long], { a: { [unit]: long }, b: [[], long] }]) {
        const text = JSON.stringify(value);
        const written = atOnce(writeJsonSlices(value, LIMITS));
        expect(written?.pieces.join('') === text, unit).to.equal(true);
        expect(written?.isPlain).to.equal(true);
        expect(Math.max(...(written?.pieces ?? []).map(({ length }) => length))).to.be.below(1_000_000);
        expect(JSON.stringify(atOnce(parseJsonSlices(written?.pieces ?? [], LIMITS))) === text).to.equal(
          true,
        );
      }
    }
  }).timeout(60_000);

  it('parses keys longer than a piece, and refuses what is wrong behind a long text', () => {
    const long = 'k'.repeat(200_000);
    expect(parse(`{"${long}":1,"a":"${long}","${long}2":"${long}"}`)).to.deep.equal({
      ...{ [long]: 1, a: long },
      [`${long}2`]: long,
    });
    for (const text of [
      `["${long}" 1]`,
      `["${long}""${long}"]`,
      `["${long}",]`,
      `[1 "${long}"]`,
      `{"a" "${long}"}`,
      `{"${long}"}`,
      `{"a":"${long}":1}`,
      `["${long}\n"]`,
      `["${long}\\x"]`,
      `["${long}\\u12"]`,
      `"${long}`,
      `"${long}\\`,
    ]) {
      expect(() => parse(text), text.slice(0, 12)).to.throw(SyntaxError);
      expect(() => JSON.parse(text) as unknown).to.throw(SyntaxError);
    }
  });

  it('says whether parsing would give the same', () => {
    const isPlain = (value: unknown): boolean | undefined => atOnce(writeJsonSlices(value, LIMITS))?.isPlain;
    const filler = Array.from({ length: 5_000 }, (_, index) => ({ index }));
    const odds: unknown[] = [undefined, NaN, -0, new Date(0), { toJSON: () => 1 }, Object.create(null)];
    for (const odd of odds) {
      expect(isPlain(odd)).to.not.equal(true);
      expect(isPlain([...filler, odd])).to.equal(false);
      expect(isPlain({ filler, odd })).to.equal(false);
      expect(isPlain([{ odd }, ...filler])).to.equal(false);
    }
    expect(isPlain({ filler, list: [null, true, 1.5, ''] })).to.equal(true);
  });

  it('parses millions of small values, and nests as deep as it may', () => {
    expect(parse(`[${'[],'.repeat(500_000)}1]`)).to.have.length(500_001);
    const nested = `${'[1,'.repeat(150)}${'"x",'.repeat(100_000)}2${']'.repeat(150)}`;
    expect(JSON.stringify(parse(nested))).to.equal(nested);
    expect(write(JSON.parse(nested))).to.equal(nested);
  });

  it('refuses what is no JSON, wherever it is', () => {
    const filler = `"${'x'.repeat(100)}",`.repeat(2_000);
    const large = '[1,'.concat(filler, '2]');
    for (const text of [
      '',
      '1,2',
      '[1',
      '1]',
      '[1}',
      '{"a":1]',
      `[${filler}]`,
      `[,${filler}1]`,
      `[${filler},1]`,
      `${large}${large}`,
      `[${large} 5]`,
      `[5 ${large}]`,
      `[${large},]`,
      `{"a"${large}}`,
      `{${large}}`,
      `{"a":${large} "b":1}`,
      `{"a":${large},}`,
      `{"a":1 "b":${large}}`,
      `[${large}${large}]`,
      `[,${large}]`,
      `{,"a":${large}}`,
      `"${filler}`,
    ]) {
      expect(() => parse(text), text.slice(0, 40)).to.throw(SyntaxError);
      expect(() => JSON.parse(text) as unknown).to.throw(SyntaxError);
    }
  });

  it('stops at its limits', () => {
    const excess = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error instanceof JsonLimitError ? error.excess : error;
      }
    };
    const list = Array.from({ length: 10_000 }, () => []);
    const deep: unknown = JSON.parse('['.repeat(300) + `${'1,'.repeat(9_000)}1` + ']'.repeat(300));
    expect(excess(() => parse(JSON.stringify(list), { values: 9_999 }))).to.equal('values');
    expect(excess(() => write(list, { values: 9_999 }))).to.equal('values');
    expect(excess(() => parse('['.repeat(300) + ']'.repeat(300)))).to.equal('depth');
    expect(excess(() => write(deep))).to.equal('depth');
    const wide = Object.fromEntries(list.map((_, index) => [`k${index}`, index]));
    expect(excess(() => parse(JSON.stringify(wide), { members: 9_999 }))).to.equal('members');
    expect(excess(() => write(wide, { members: 9_999 }))).to.equal('members');
    expect(parse(JSON.stringify(wide), { members: 10_000 })).to.deep.equal(wide);
    expect(excess(() => parse('[1,2]', { length: 4 }))).to.equal('length');
    expect(excess(() => write(list, { length: 1_000 }))).to.equal('length');
    const cyclic: unknown[] = list.slice();
    cyclic.push(cyclic);
    expect(excess(() => write(cyclic))).to.equal('depth');
  });

  it('writes what is not JSON as JSON does', () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => ({
      index,
      at: new Date(index),
      none: undefined,
      list: [undefined, NaN, -0],
      own: { toJSON: () => 'own' },
    }));
    expect(write(rows)).to.equal(JSON.stringify(rows));
    const object = Object.fromEntries(rows.map((row) => [`key ${row.index}`, row]));
    expect(write({ object, skipped: undefined })).to.equal(JSON.stringify({ object, skipped: undefined }));
    expect(write(undefined)).to.equal(undefined);
    expect(isSmallJson(rows)).to.equal(false);
    expect(isSmallJson(rows.slice(0, 10))).to.equal(true);
  });
});
