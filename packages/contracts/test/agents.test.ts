import { AGENT_CONFIGURATIONS, AGENT_TYPES, compileOutputSchema, outputSchema } from '@millrace/contracts';
import { expect } from 'chai';

function problemsOf(config: unknown): string[] {
  const checked = AGENT_CONFIGURATIONS.planning.safeParse(config);
  return checked.success
    ? []
    : checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const pair = [
  { name: 'a', role: 'x' },
  { name: 'b', role: 'y', model: 'other' },
];

describe('configurations of agents', () => {
  it('need nothing, and take all that agents share', () => {
    const config = {
      ...{ model: 'anthropic/large', fallback_models: ['offline'], temperature: 0, max_tokens: 10 },
      ...{ reasoning_pattern: 'raise', participants: pair, rounds: 3, instructions: '' },
      ...{ tools: ['http', 'mcp:files', 'mcp:files/read'], max_turns: 5, memory: { key: 'k', max_turns: 1 } },
      ...{ budget: { max_cost_usd: 0.1 }, output_schema: { type: 'object', properties: {} } },
    };
    for (const type of AGENT_TYPES) {
      expect(AGENT_CONFIGURATIONS[type].safeParse({}).success).to.equal(true);
      expect(AGENT_CONFIGURATIONS[type].safeParse(config).success, type).to.equal(true);
    }
  });

  for (const [problem, config] of [
    ['tools.0: must be http, code, context, or mcp:<server> or mcp:<server>/<tool>', { tools: ['shell'] }],
    ['budget: give "max_tokens", "max_cost_usd" or both', { budget: {} }],
    ['participants: participants need the reasoning_pattern "raise"', { participants: pair }],
    ['rounds: rounds need the reasoning_pattern "raise"', { rounds: 1, reasoning_pattern: 'react' }],
    ['max_turns: max_turns needs tools or the reasoning_pattern "react"', { max_turns: 2 }],
    [
      'participants: participants need different names',
      { reasoning_pattern: 'raise', participants: [pair[0], { name: 'A', role: 'z' }] },
    ],
    [': Unrecognized key: "base_url"', { base_url: 'http://169.254.169.254' }],
  ] as const) {
    it(`are refused: ${problem}`, () => {
      expect(problemsOf(config)).to.include(problem);
    });
  }
});

describe('schemas of results', () => {
  const of = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
  const nested = (depth: number): object => (depth === 0 ? {} : of({ a: nested(depth - 1) }));

  it('check what they describe', () => {
    const check = compileOutputSchema(
      outputSchema.parse(
        of(
          { rows: { type: 'array', items: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] } } },
          { required: ['rows'], additionalProperties: false },
        ),
      ),
    );
    const accepts = (value: unknown) => check.safeParse(value).success;

    expect(accepts({ rows: [1, null] })).to.equal(true);
    for (const wrong of [{ rows: [0] }, { rows: ['1'] }, {}, { rows: [], more: 1 }, [], null])
      expect(accepts(wrong), JSON.stringify(wrong)).to.equal(false);
  });

  for (const [why, schema] of [
    ['root', { type: 'array' }],
    ['pattern', of({ a: { type: 'string', pattern: '(a+)+$' } })],
    ['reference', of({ a: { $ref: '#' } })],
    ['reserved name', of({ usage: { type: 'string' } })],
    ['required without description', of({ a: {} }, { required: ['b'] })],
    ['unknown type', of({ a: { type: 'date' } })],
    ['depth', nested(40)],
    ['size', of(Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`name${String(at)}`, {}])))],
  ] as const) {
    it(`are refused for their ${why}`, () => {
      expect(outputSchema.safeParse(schema).success).to.equal(false);
    });
  }
});
