import { expect } from 'chai';
import { parseRetryAfter, retryDelaySeconds } from '../../src/callbacks/retry.js';

const DEFAULTS = { attempts: 10, firstDelaySeconds: 5 };

/** Without jitter: it is none at half of its range. */
const delayAfter = (attempt: number, retryAfterSeconds?: number): number | undefined =>
  retryDelaySeconds(DEFAULTS, {
    attempt,
    random: 0.5,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

describe('the attempts of a callback', () => {
  it('grow apart fourfold, to eight hours at most, and end', () => {
    const delays = Array.from({ length: 10 }, (_, index) => delayAfter(index + 1));

    expect(delays).to.deep.equal([5, 20, 80, 320, 1_280, 5_120, 20_480, 28_800, 28_800, undefined]);
    const hours = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0) / 3_600;
    expect(hours).to.be.within(22, 26);
  });

  it('are a fifth earlier or later, so that many do not come at once', () => {
    expect(retryDelaySeconds(DEFAULTS, { attempt: 1, random: 0 })).to.equal(4);
    expect(retryDelaySeconds(DEFAULTS, { attempt: 1, random: 1 })).to.be.closeTo(6, 1e-9);
  });

  it('wait as long as the receiver asks, but no longer than a day, and not beyond the last', () => {
    expect(delayAfter(1, 600)).to.equal(600);
    expect(delayAfter(6, 600)).to.equal(5_120);
    expect(delayAfter(1, 10 ** 9)).to.equal(86_400);
    expect(delayAfter(10, 600)).to.equal(undefined);
  });

  it('read Retry-After as seconds or a date, and nothing else', () => {
    const now = Date.parse('2026-11-23T00:00:00Z');

    expect(parseRetryAfter('120', now)).to.equal(120);
    expect(parseRetryAfter('Mon, 23 Nov 2026 00:01:00 GMT', now)).to.equal(60);
    expect(parseRetryAfter('Mon, 23 Nov 2020 00:00:00 GMT', now)).to.equal(0);
    expect(parseRetryAfter('soon', now)).to.equal(undefined);
    expect(parseRetryAfter('-5', now)).to.satisfy(
      (seconds?: number) => seconds === undefined || seconds === 0,
    );
    expect(parseRetryAfter(undefined, now)).to.equal(undefined);
  });
});
