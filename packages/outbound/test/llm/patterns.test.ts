/** The patterns ask a real model server in the ways that their documents say. */
import { agentReasoning, type AgentReasoning } from '@millrace/contracts';
import { expect } from 'chai';
import type { AgentOutcome } from '../../src/index.js';
import { answers, echo, errorOf, modelSuite, outputOf, requirements } from '../support/models.js';

function reasoningOf(outcome: AgentOutcome): AgentReasoning {
  return agentReasoning.parse(outputOf(outcome)['reasoning']);
}

describe('reasoning patterns', () => {
  const setup = modelSuite();

  it('without a pattern ask once, for the schema, and record no reasoning', async () => {
    const { llm, run } = await setup([answers()]);

    const output = outputOf(await run());

    const [request, ...more] = await llm.requests();
    expect(more).to.have.length(0);
    expect(request?.body.response_format?.type).to.equal('json_schema');
    expect(output).to.not.have.any.keys('reasoning', 'conversation', 'fallbacks');
  });

  describe('chain_of_thought', () => {
    it('thinks first, in plain text, and answers from its thoughts', async () => {
      const { llm, run, tokens } = await setup([{ content: 'First, flying is a duty.' }, answers('pilot')]);

      const outcome = await run({ reasoning_pattern: 'chain_of_thought' });

      expect(outputOf(outcome)['actors']).to.deep.equal(['pilot']);
      const [thinking, answering] = await llm.requests();
      expect(thinking?.body.response_format).to.equal(undefined);
      expect(answering?.body.response_format?.type).to.equal('json_schema');
      expect(JSON.stringify(answering?.body.messages)).to.contain('First, flying is a duty.');
      expect(reasoningOf(outcome)).to.deep.equal({
        pattern: 'chain_of_thought',
        entries: [{ phase: 'reasoning', text: 'First, flying is a duty.' }],
      });
      expect([...new Set(tokens.map(({ source }) => source.phase))]).to.deep.equal(['reasoning', 'answer']);
      expect(outcome.usage).to.include({ input_tokens: 22, output_tokens: 14, total_tokens: 36 });
    });

    it('may use tools while it thinks', async () => {
      const { llm, run } = await setup([
        { tool_calls: [{ name: 'echo', arguments: { text: 'height' } }] },
        { content: 'It is high.' },
        answers(),
      ]);

      const outcome = await run(
        { reasoning_pattern: 'chain_of_thought', tools: ['context'] },
        { tools: [echo] },
      );

      expect(reasoningOf(outcome).entries.map(({ phase }) => phase)).to.deep.equal(['tool', 'reasoning']);
      const last = (await llm.requests()).at(-1);
      expect(last?.body.tools).to.equal(undefined);
      expect(JSON.stringify(last?.body.messages)).to.contain('height').and.contain('It is high.');
    });
  });

  describe('react', () => {
    const config = { reasoning_pattern: 'react' };

    it('thinks, calls, observes and answers', async () => {
      const { llm, run, lines } = await setup([
        { content: 'I need the height.', tool_calls: [{ name: 'echo', arguments: { text: 'height' } }] },
        answers('pilot'),
      ]);

      const outcome = await run(config, { tools: [echo] });

      expect(outputOf(outcome)['actors']).to.deep.equal(['pilot']);
      expect(reasoningOf(outcome).entries).to.deep.equal([
        { phase: 'turn', turn: 1, text: 'I need the height.' },
        {
          phase: 'tool',
          turn: 1,
          tool: 'echo',
          input: { text: 'height' },
          output: { heard: { text: 'height' } },
        },
        { phase: 'turn', turn: 2, text: 'Answered with the result.' },
      ]);
      const [first, second] = await llm.requests();
      expect(first?.body.tools?.map((tool) => tool.function.name)).to.deep.equal(['echo']);
      expect(second?.body.messages.map(({ role }) => role)).to.deep.equal([
        'system',
        'user',
        'assistant',
        'tool',
      ]);
      const events = lines.map(({ message }) => (JSON.parse(message) as { event: string }).event);
      expect(events).to.deep.equal(['prompt', 'answer', 'tool', 'prompt', 'answer', 'usage']);
    });

    it('tells the model of tools that fail, that there are not, and of input that is no JSON', async () => {
      const { llm, run } = await setup([
        {
          tool_calls: [
            { name: 'echo', arguments: { text: 'boom' } },
            { name: 'nothing', arguments: {} },
            { name: 'echo', arguments: '{"text": ' },
          ],
        },
        answers(),
      ]);

      const outcome = await run(config, { tools: [echo] });

      const seen = JSON.stringify((await llm.requests())[1]?.body.messages);
      expect(seen)
        .to.contain('tool_failed: boom')
        .and.contain('There is no tool')
        .and.contain('tool_input_invalid');
      const errors = reasoningOf(outcome).entries.filter(({ error }) => error !== undefined);
      expect(errors).to.have.length(3);
    });

    it('is bounded by max_turns: the last turn has no tools and gives the result', async () => {
      const again = { when: { tool: 'echo' }, tool_calls: [{ name: 'echo' }], times: 'always' as const };
      const { llm, run } = await setup([again, answers('late')]);

      const outcome = await run({ ...config, max_turns: 3 }, { tools: [echo] });

      expect(outputOf(outcome)['actors']).to.deep.equal(['late']);
      const requests = await llm.requests();
      expect(requests.map(({ body }) => body.tools?.length ?? 0)).to.deep.equal([1, 1, 0]);
      expect(JSON.stringify(requests[2]?.body.messages))
        .to.contain('Observation')
        .and.contain('no turns left');
    });

    it('repairs a final answer that does not match, once', async () => {
      const { llm, run } = await setup([
        { tool_calls: [{ name: 'echo', arguments: { text: 'height' } }] },
        { content: 'Done!' },
        answers('repaired'),
      ]);

      const outcome = await run(config, { tools: [echo] });

      expect(outputOf(outcome)['actors']).to.deep.equal(['repaired']);
      const requests = await llm.requests();
      expect(requests).to.have.length(3);
      expect(requests[2]?.body.response_format?.type).to.equal('json_schema');
    });

    it('fails after the second answer that does not match, and says what is wrong', async () => {
      const { run } = await setup([{ content: 'Done!' }, { json: { requirements: [] } }]);

      const error = errorOf(await run(config, { tools: [echo] }));

      expect(error).to.include({ code: 'agent_output_invalid', retryable: true });
      expect(error.message).to.contain('actors');
    });

    it('ends the step when a tool says so', async () => {
      const away = {
        ...echo,
        run: () =>
          Promise.resolve({
            ok: false as const,
            error: { code: 'mcp_unavailable', message: 'gone', fault: 'remote' as const, retryable: true },
            endsStep: true as const,
          }),
      };
      const { run } = await setup([{ tool_calls: [{ name: 'echo' }] }]);

      const outcome = await run(config, { tools: [away] });

      expect(errorOf(outcome)).to.deep.include({ code: 'mcp_unavailable', retryable: true, fault: 'remote' });
      expect(outcome.usage).to.include({ total_tokens: 18 });
    });

    it('is what tools without a pattern mean', async () => {
      const { run } = await setup([{ tool_calls: [{ name: 'echo' }] }, answers()]);

      const outcome = await run({ tools: ['context'] }, { tools: [echo] });

      expect(reasoningOf(outcome).pattern).to.equal('react');
    });
  });

  describe('raise', () => {
    it('drafts, has three critics, and brings them together', async () => {
      const { llm, run, tokens } = await setup([
        { when: { contains: 'first version of the result' }, content: 'A draft.' },
        { when: { contains: 'participant \\"completeness' }, content: 'Something is missing.' },
        { when: { contains: 'participant \\"clarity' }, content: 'Clear enough.' },
        { when: { contains: 'participant \\"consistency' }, content: 'No contradiction.' },
        answers('together'),
      ]);

      const outcome = await run({ reasoning_pattern: 'raise' });

      expect(outputOf(outcome)['actors']).to.deep.equal(['together']);
      expect(reasoningOf(outcome).entries).to.deep.equal([
        { phase: 'draft', participant: 'drafter', text: 'A draft.' },
        { phase: 'critique', participant: 'completeness', round: 1, text: 'Something is missing.' },
        { phase: 'critique', participant: 'clarity', round: 1, text: 'Clear enough.' },
        { phase: 'critique', participant: 'consistency', round: 1, text: 'No contradiction.' },
      ]);
      const synthesis = JSON.stringify((await llm.requests()).at(-1)?.body.messages);
      expect(synthesis).to.contain('A draft.').and.contain('Something is missing.');
      const whose = new Set(tokens.map(({ source }) => source.participant ?? source.phase));
      expect([...whose]).to.have.members(['drafter', 'completeness', 'clarity', 'consistency', 'synthesis']);
    });

    it('takes its own participants, their models, and rounds in which the draft is revised', async () => {
      const { llm, run } = await setup([
        { content: 'Draft one.' },
        { when: { model: 'fallback-model' }, content: 'From the other model.', times: 2 },
        { when: { contains: 'participant \\"b' }, content: 'From b.', times: 2 },
        { content: 'Draft two.' },
        answers('final'),
      ]);

      const outcome = await run({
        reasoning_pattern: 'raise',
        rounds: 2,
        participants: [
          { name: 'a', role: 'Doubt.', model: 'fallback-model' },
          { name: 'b', role: 'Agree.' },
        ],
      });

      const phases = reasoningOf(outcome).entries.map(
        ({ phase, participant, round }) => `${phase} ${participant ?? ''} ${String(round ?? 0)}`,
      );
      expect(phases).to.deep.equal([
        'draft drafter 0',
        'critique a 1',
        'critique b 1',
        'revision drafter 1',
        'critique a 2',
        'critique b 2',
      ]);
      const requests = await llm.requests();
      expect(requests).to.have.length(7);
      const second = JSON.stringify(requests[4]?.body.messages);
      expect(second).to.contain('Draft two.').and.contain('From the other model.');
    });
  });

  describe('the schema of the author', () => {
    const config = {
      output_schema: {
        type: 'object',
        properties: { grade: { type: 'integer', minimum: 1, maximum: 6 } },
        required: ['grade'],
        additionalProperties: false,
      },
    };

    it('is asked for and enforced with one repair', async () => {
      const { llm, run } = await setup([{ json: { grade: 9 } }, { json: { grade: 2 } }]);

      const output = outputOf(await run(config));

      expect(output).to.include({ grade: 2, model: 'test-model' });
      const [first, repair] = await llm.requests();
      expect(JSON.stringify(first?.body.response_format)).to.contain('"maximum":6');
      expect(JSON.stringify(repair?.body.messages.at(-1))).to.contain('grade: Too big');
    });

    it('is refused where it is none', async () => {
      const { run, llm } = await setup([]);
      const error = errorOf(
        await run({ output_schema: { type: 'object', properties: { a: { pattern: '(a+)+' } } } }),
      );
      expect(error).to.include({ code: 'configuration_invalid', fault: 'workflow', retryable: false });
      expect(error.message).to.contain('output_schema.properties.a').and.contain('pattern');
      expect(await llm.requests()).to.have.length(0);
    });
  });

  it('keep the record small whatever the model writes', async () => {
    const { run, lines } = await setup([{ content: 'x"\\'.repeat(20_000), chunk_size: 5_000 }, answers()]);

    const outcome = await run({ reasoning_pattern: 'chain_of_thought' });

    expect(JSON.stringify(reasoningOf(outcome)).length).to.be.lessThan(20_000);
    expect(lines.every(({ message }) => message.length <= 7_500)).to.equal(true);
    for (const { message } of lines) expect(JSON.parse(message)).to.be.an('object');
    expect(outputOf(outcome)).to.deep.include(requirements());
  });
});
