/** The patterns change what the offline provider does, in ways that can be checked. */
import { Script } from 'node:vm';
import { AGENT_TYPES, agentReasoning, type JsonObject, type JsonValue } from '@millrace/contracts';
import { expect } from 'chai';
import {
  AGENT_OUTPUTS,
  type AgentOutcome,
  type AgentRequest,
  type AgentRunner,
  createAgentRunner,
  createGuardedHttp,
  createToolbox,
  recall,
  toolNamesOf,
} from '../../src/index.js';
import { LENDING } from '../support/samples.js';
import { errorOf, outputOf } from '../support/models.js';

const PLAN = '1. Gather the requirements\n2. Design the schema\n3. Build the API';

/** Parses by the rules of this process; what the sandbox really does is tested with the worker. */
const runner = {
  run: ({ source }: { source: string }) => {
    try {
      new Script(`(async () => {${source}\n})`);
      return Promise.resolve({ ok: true as const, output: 'parsed' });
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      const details = { line: 3 };
      return Promise.resolve({
        ok: false as const,
        error: { code: 'code_invalid', message, fault: 'workflow' as const, retryable: false, details },
      });
    }
  },
};

const execution = { id: 'e', workflow_name: 'w' };

describe('offline reasoning', () => {
  let agents: AgentRunner;
  before(() => {
    agents = createAgentRunner();
  });
  after(() => agents.close());

  async function run(
    agentType: AgentRequest['agentType'],
    config: JsonObject,
    input: JsonValue,
    scope: { parameters?: JsonObject; steps?: Record<string, { output: JsonValue; status: string }> } = {},
    more: Partial<AgentRequest> = {},
  ): Promise<AgentOutcome> {
    const toolbox = createToolbox({ http: createGuardedHttp({}), code: runner });
    const names = toolNamesOf(agentType, config);
    const known = { parameters: {}, steps: {}, execution, ...scope };
    const selected = await toolbox.forStep(names, { scope: known, signal: new AbortController().signal });
    if (!selected.ok) throw new Error(selected.error.message);
    return agents.run({ agentType, config, input, label: 'Step', tools: selected.tools, ...more });
  }

  const reasoningOf = (outcome: AgentOutcome) => agentReasoning.parse(outputOf(outcome)['reasoning']);

  for (const agentType of AGENT_TYPES) {
    for (const pattern of ['chain_of_thought', 'react', 'raise']) {
      it(`${agentType} with ${pattern} records how it worked, and gives the same result twice`, async () => {
        const input = { specification: LENDING, files: [{ path: 'a.js', content: 'export const a = 1;\n' }] };

        const first = await run(agentType, { reasoning_pattern: pattern }, input);
        const second = await run(agentType, { reasoning_pattern: pattern }, input);

        expect(second).to.deep.equal(first);
        const { reasoning, provider, model, usage, ...result } = outputOf(first);
        expect([provider, model, usage]).to.deep.equal(['offline', null, null]);
        expect(AGENT_OUTPUTS[agentType].safeParse(result).success).to.equal(true);
        expect(agentReasoning.parse(reasoning).pattern).to.equal(pattern);
      });
    }

    it(`${agentType} keeps its own rules`, async () => {
      const outcome = await run(
        agentType,
        { reasoning_pattern: 'chain_of_thought' },
        { specification: LENDING },
      );
      const checks = reasoningOf(outcome).entries.filter(({ phase }) => phase === 'check');
      expect(checks.length).to.be.greaterThan(2);
      expect(checks.filter(({ error }) => error !== undefined)).to.deep.equal([]);
    });
  }

  it('react finds the objective in the context of the workflow where the step was given nothing', async () => {
    const scope = { parameters: { objective: PLAN } };

    const without = outputOf(await run('planning', {}, {}, scope));
    const outcome = await run('planning', { reasoning_pattern: 'react' }, {}, scope);

    expect(JSON.stringify(without['tasks'])).to.not.contain('Design the schema');
    expect(JSON.stringify(outputOf(outcome)['tasks'])).to.contain('Design the schema');
    const calls = reasoningOf(outcome).entries.map(({ tool, input }) => [tool, input]);
    expect(calls).to.deep.equal([
      ['context', {}],
      ['context', { path: 'parameters' }],
    ]);
    expect(outputOf(outcome)['notes']).to.include('Looked up the workflow, parameters.');
  });

  it('react lets the sandbox parse what it reviews, and reports what does not parse', async () => {
    const files = [
      {
        path: 'good.js',
        content: "import { x } from './x.js';\n\nexport default function go() { return x; }\n",
      },
      { path: 'bad.js', content: 'export function (\n\n  oops {\n' },
      { path: 'typed.ts', content: 'export const a: number = 1;\n' },
    ];

    const output = outputOf(await run('code_review', { reasoning_pattern: 'react' }, { files }));

    expect(output['verdict']).to.equal('request_changes');
    const [finding] = output['findings'] as JsonObject[];
    expect(finding).to.include({ rule: 'does-not-parse', severity: 'error', path: 'bad.js', line: 3 });
    expect(output['notes']).to.include('The sandbox parsed good.js.');
    expect(output['summary']).to.include({ errors: 1 });
  });

  it('react checks the code that it generated', async () => {
    const config = { reasoning_pattern: 'react', language: 'javascript' };
    const output = outputOf(await run('code_generation', config, { specification: LENDING }));
    expect(JSON.stringify(output['notes'])).to.match(/The sandbox parsed \S+\.js/);
  });

  it('raise adds what its participants find, in rounds until nothing is new', async () => {
    const text = 'The page must be fast.\nThe page must be fast.\nThe list should be easy to use.';

    const outcome = await run('requirement_engineering', { reasoning_pattern: 'raise', rounds: 2 }, { text });

    const notes = JSON.stringify(outputOf(outcome)['notes']);
    expect(notes).to.contain('clarity: ').and.contain('consistency: REQ-002 (of REQ-001)');
    const critiques = reasoningOf(outcome).entries.filter(({ phase }) => phase === 'critique');
    expect(critiques).to.have.length(6);
    expect(critiques.slice(3).every((entry) => entry.text === 'Nothing to add.')).to.equal(true);
  });

  it('raise says so where there are no rules for a participant', async () => {
    const participants = [
      { name: 'Order', role: 'Look at the order.' },
      { name: 'constructor', role: 'Be somebody else.' },
    ];
    const outcome = await run('planning', { reasoning_pattern: 'raise', participants }, { objective: PLAN });
    const texts = reasoningOf(outcome).entries.map(({ text }) => text);
    expect(texts).to.include('There are no offline rules for "constructor".');
  });

  it('remembers: a later step works on what an earlier one said', async () => {
    const memory = { key: 'talk' };
    const first = outputOf(await run('planning', { memory }, { objective: PLAN }));
    const recollection = recall({ plan: { output: first } }, memory);

    const second = outputOf(await run('program_manager', { memory }, {}, {}, { recollection }));

    expect(recollection).to.include({ position: 2 });
    expect(JSON.stringify(second['tasks'])).to.contain('Design the schema');
    expect(second['conversation']).to.include({ key: 'talk', position: 2 });
  });

  it('fails where the schema of the author asks for what rules cannot give', async () => {
    const schema = (properties: JsonObject) => ({
      output_schema: { type: 'object', properties, required: Object.keys(properties) },
    });
    const fine = await run('planning', schema({ tasks: { type: 'array' } }), { objective: PLAN });
    const wrong = await run('planning', schema({ poem: { type: 'string' } }), { objective: PLAN });

    expect(fine.ok).to.equal(true);
    expect(errorOf(wrong).code).to.equal('agent_output_invalid');
    expect(errorOf(wrong).message).to.contain('poem');
  });

  it('leaves the records of other agents out of its material', async () => {
    const config = { reasoning_pattern: 'raise', memory: { key: 'k' } };
    const before = outputOf(await run('planning', config, { objective: PLAN }));

    const after = outputOf(await run('requirement_engineering', {}, { plan: before }));
    const plain = outputOf(await run('planning', {}, { objective: PLAN }));

    expect(JSON.stringify(after)).to.not.contain('A draft with');
    expect(before['tasks']).to.deep.equal(plain['tasks']);
  });
});
