import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatRelative, plural } from '@/lib/format';

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [0.42, '0.4 ms'],
    [820, '820 ms'],
    [1_400, '1.4 s'],
    [59_940, '59.9 s'],
    [125_000, '2 min 05 s'],
    [11_520_000, '3 h 12 min'],
    [90_000_000, '1 d 01 h'],
  ])('says %d ms as %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

describe('numbers', () => {
  it('groups digits and shortens what is large', () => {
    expect([formatCount(1_204), formatCount(104_000)]).toEqual(['1,204', '104K']);
  });
  it('counts things in words', () => {
    expect([plural(1, 'execution'), plural(2, 'execution')]).toEqual(['1 execution', '2 executions']);
  });
  it('says bytes in the unit that fits', () => {
    expect([formatBytes(512), formatBytes(65_536), formatBytes(3_355_443)]).toEqual([
      '512 B',
      '64.0 KiB',
      '3.2 MiB',
    ]);
  });
});

describe('formatRelative', () => {
  it('tells past and future in the largest whole unit', () => {
    expect(formatRelative(0, 200_000)).toBe('3 min. ago');
    expect(formatRelative(7_300_000, 0)).toBe('in 2 hr.');
    expect(formatRelative(5, 0)).toBe('now');
  });
});
