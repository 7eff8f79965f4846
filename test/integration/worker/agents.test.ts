import { AGENT_TYPES, type AgentType, type JsonObject } from '@millrace/contracts';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import { at, expectSound, outputOf } from './support/events.js';

type Case = readonly [input: JsonObject, word: string];

/** Two inputs for each agent type, and what must be found in the output of the one and not of the other. */
const CASES: Record<AgentType, readonly [Case, Case]> = {
  planning: [
    [{ objective: '1. Gather requirements\n2. Design the schema' }, 'Design the schema'],
    [{ objective: '1. Paint the fence' }, 'Paint the fence'],
  ],
  requirement_engineering: [
    [{ specification: 'The system shall send a reminder two days before the due date.' }, 'reminder'],
    [{ specification: 'Members must be able to search books by author.' }, 'search books'],
  ],
  code_generation: [
    [{ specification: '- `calculateFine(loan: Loan, today: Date): number`' }, 'calculateFine'],
    [{ specification: '- `lendBook(book: Book, days: number): Loan`' }, 'lendBook'],
  ],
  testing: [
    [
      { files: [{ path: 'sum.ts', content: 'export function sum(a: number, b: number) { return a + b; }' }] },
      'sum',
    ],
    [{ files: [{ path: 'flip.ts', content: 'export function flip(on: boolean) { return !on; }' }] }, 'flip'],
  ],
  code_review: [
    [{ files: [{ path: 'danger.js', content: 'eval(input);\n' }] }, 'danger.js'],
    [{ files: [{ path: 'calm.js', content: 'export const one = 1;\n' }] }, 'calm.js'],
  ],
  ci_cd: [
    [{ package_json: { name: 'a', scripts: { test: 'mocha', lint: 'eslint .' } } }, 'npm'],
    [{ 'Cargo.toml': '[package]\nname = "b"\nversion = "0.1.0"\n' }, 'cargo'],
  ],
  program_manager: [
    [{ tasks: [{ id: 'dig', title: 'Dig', estimate_days: 2, depends_on: [] }] }, 'dig'],
    [{ tasks: [{ id: 'roof', title: 'Roof', estimate_days: 5, depends_on: [] }] }, 'roof'],
  ],
};

describe('offline agents', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    await engine.startWorker();
  });
  after(() => engine.stop());

  for (const agentType of AGENT_TYPES) {
    it(`${agentType} gives two results for two inputs`, async () => {
      const workflowId = await engine.createWorkflow({
        nodes: [{ id: 'work', type: 'agent', data: { agent_type: agentType } }],
      });
      const [[oneInput, oneWord], [otherInput, otherWord]] = CASES[agentType];

      const ids = await Promise.all([
        engine.submit(workflowId, oneInput),
        engine.submit(workflowId, otherInput),
      ]);
      const [one, other] = await Promise.all(ids.map((id) => engine.finished(id, 20_000)));
      if (one === undefined || other === undefined) throw new Error('unreachable');

      expectSound(one);
      const texts = [one, other].map((events) => JSON.stringify(outputOf(events, 'work')));
      expect(texts[0]).to.include(oneWord).and.include('"provider":"offline"');
      expect(texts[1]).to.include(otherWord);
      expect(texts[1]).to.not.include(`"${oneWord}"`);
      expect(
        at(
          one.find((event) => event.type === 'step_started'),
          'idempotency_key',
        ),
      ).to.be.a('string');
    }).timeout(40_000);
  }
});
