import { expect } from 'chai';
import { errorFingerprint } from '../src/index.js';

const of = (message: string, more: Record<string, string> = {}, workflow = 'wf_1'): string =>
  errorFingerprint(workflow, { code: 'http_error', message, step_id: 'call', ...more });

describe('fingerprints of errors', () => {
  const same: [what: string, one: string, other: string][] = [
    ['numbers', 'Answered 503 after 12.5 s', 'Answered 500 after 3 s'],
    [
      'uuids',
      'No order 0b54cf0e-7d22-4c3f-9f0e-8f6f3b6f6f3b',
      'No order aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    ],
    ['double quotes', 'No "ada" here', 'No "grace hopper" here'],
    ['single quotes', "column 'x' is missing", "column 'y z' is missing"],
    ['hashes and addresses', 'at 0x7fff5694dc58 in 9fceb02d0ae598e9', 'at 0x1 in 1234567890abcdef'],
    ['white space and case', 'Not  found\n', 'not found'],
  ];
  for (const [what, one, other] of same) {
    it(`F1 leave out ${what}`, () => {
      expect(of(one)).to.equal(of(other));
    });
  }

  it('F1 tell workflows, steps, codes and messages apart', () => {
    const all = [
      of('Refused'),
      of('Reset'),
      of('Refused', { code: 'timeout' }),
      of('Refused', { step_id: 'other' }),
      of('Refused', {}, 'wf_2'),
      errorFingerprint('wf_1', { code: 'http_error', message: 'Refused' }),
    ];

    expect(new Set(all)).to.have.length(all.length);
  });

  it('F1 tell words with an apostrophe apart', () => {
    expect(of("can't read, don't ask")).not.to.equal(of("can't write, don't ask"));
  });

  it('F1 leave out the attempt and the iteration', () => {
    const error = { code: 'c', message: 'm', step_id: 's' };

    expect(errorFingerprint('w', { ...error, attempt: 2, iteration: '7' })).to.equal(
      errorFingerprint('w', { ...error, attempt: 1 }),
    );
  });

  it('cost little for hostile messages', () => {
    for (const message of [
      '"'.repeat(100_000),
      'a'.repeat(100_000),
      "'a ".repeat(50_000),
      '1.'.repeat(50_000),
    ]) {
      expect(of(message)).to.have.length.below(10_000);
    }
  });
});
