import type { JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { UncertainSteps } from '../src/uncertain-steps.js';

type Line = [
  type: 'started' | 'completed' | 'retrying' | 'discarded' | 'waiting',
  id: string,
  more?: JsonObject,
];

function uncertainOf(...lines: Line[]): string[] {
  const uncertain = new UncertainSteps();
  for (const [type, step_id, more = {}] of lines) {
    uncertain.note({ type: `step_${type}`, data: { step_id, kind: 'http_request', ...more } });
  }
  return uncertain.ids();
}

describe('steps of unknown outcome', () => {
  it('are those that started and left no result', () => {
    const found = uncertainOf(
      ['started', 'done'],
      ['completed', 'done'],
      ['started', 'open'],
      ['started', 'again'],
      ['retrying', 'again'],
      ['started', 'lost'],
      ['discarded', 'lost'],
    );

    expect(found).to.deep.equal(['open']);
  });

  it('are none without an effect', () => {
    expect(uncertainOf(['started', 'set', { kind: 'set' }], ['started', 'new', { kind: 'unheard_of' }])).to.be
      .empty;
  });

  it('are told apart by their iteration, and named once', () => {
    const found = uncertainOf(
      ['started', 'charge', { iteration: '0' }],
      ['started', 'charge', { iteration: '1' }],
      ['started', 'charge', { iteration: '2' }],
      ['started', 'mail', { iteration: '0' }],
      ['completed', 'charge', { iteration: '1' }],
      ['completed', 'mail', { iteration: '0' }],
    );

    expect(found).to.deep.equal(['charge']);
  });

  it('are not those that wait, sleep or iterate', () => {
    const found = uncertainOf(
      ['started', 'approve', { kind: 'approval', wait: { type: 'approval' } }],
      ['started', 'child', { kind: 'sub_workflow', wait: { type: 'child' } }],
      ['started', 'delay', { kind: 'delay', due_at: '2026-01-01T00:00:00Z' }],
      ['started', 'map', { kind: 'map', loop: { concurrency: 1 } }],
    );

    expect(found).to.be.empty;
  });

  it('are still those of which a person is asked what became of them', () => {
    const found = uncertainOf(['started', 'pay'], ['waiting', 'pay', { wait: { type: 'verdict' } }]);

    expect(found).to.deep.equal(['pay']);
  });
});
