import { expect } from 'chai';
import { ApiProblem, NetworkError, parseRetryAfter } from '../src/errors.js';
import { DEFAULT_RETRY, reconnectDelay, retryDelay } from '../src/http/retry.js';
import { nextCursor } from '../src/http/url.js';

const busy = (retryAfter?: number): ApiProblem =>
  new ApiProblem({ type: 'x/unavailable', title: '', status: 503, detail: '', retryAfter });

describe('retry', () => {
  it('doubles up to the ceiling, with half of it random', () => {
    const error = new NetworkError('connection', 'u', 'm');
    const delays = [1, 2, 3].map((failures) => retryDelay(error, failures, DEFAULT_RETRY, 0));
    expect(delays).to.deep.equal([100, 200, 400]);
    expect(retryDelay(error, 3, { ...DEFAULT_RETRY, maxDelayMs: 300 }, 1)).to.equal(300);
    expect(retryDelay(error, 4, DEFAULT_RETRY, 0)).to.equal(undefined);
  });

  it('never returns earlier than the server asked, and not at all when that is too long', () => {
    expect(retryDelay(busy(2), 1, DEFAULT_RETRY, 0)).to.equal(2000);
    expect(retryDelay(busy(2), 1, DEFAULT_RETRY, 0.5)).to.equal(2200);
    expect(retryDelay(busy(31), 1, DEFAULT_RETRY, 0)).to.equal(undefined);
  });

  it('leaves refusals alone', () => {
    const refused = new ApiProblem({ type: 'x/forbidden', title: '', status: 403, detail: '' });
    expect(retryDelay(refused, 1, DEFAULT_RETRY, 0)).to.equal(undefined);
    expect(retryDelay(new Error('bug'), 1, DEFAULT_RETRY, 0)).to.equal(undefined);
  });

  it('reconnects between 1 and 30 s', () => {
    expect(reconnectDelay(0, 1000, 30_000, 0.99)).to.equal(1000);
    expect(reconnectDelay(3, 1000, 30_000, 0)).to.equal(1000);
    expect(reconnectDelay(3, 1000, 30_000, 1)).to.equal(8000);
    expect(reconnectDelay(1_000_000, 1000, 30_000, 1)).to.equal(30_000);
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates, and nothing else', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('120', now)).to.equal(120);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now)).to.equal(5);
    expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:05 GMT', now)).to.equal(0);
    for (const nonsense of [null, '', 'soon']) expect(parseRetryAfter(nonsense, now)).to.equal(undefined);
  });
});

describe('nextCursor', () => {
  it('finds the next page among other links', () => {
    expect(nextCursor('</a?cursor=1>; rel="prev", </a?x=1&cursor=2>; title="t"; rel="next"')).to.equal('2');
    expect(nextCursor('</a?cursor=3>; rel=next')).to.equal('3');
    for (const none of [null, '', '</a?cursor=1>; rel="prev"', 'garbage', '</a>; rel="next"']) {
      expect(nextCursor(none)).to.equal(undefined);
    }
  });
});
