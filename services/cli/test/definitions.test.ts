import { expect } from 'chai';
import { createWorkflowRequest, workflowResource } from '@millrace/contracts';
import { definitionOf, isUnchanged, tersely } from '../src/definitions/compare.js';
import { parseDefinitions } from '../src/definitions/load.js';
import { workflow } from './support/platform.js';

const YAML = `id: hello
name: Hello
nodes:
  - id: a
    type: set
    data:
      config: { values: { n: 1 } }
`;

describe('parseDefinitions', () => {
  it('reads YAML and JSON alike', () => {
    const [yaml] = parseDefinitions(YAML, 'a.yaml');
    const [json] = parseDefinitions(JSON.stringify(yaml?.value), 'a.json');

    expect(json?.value).to.deep.equal(yaml?.value);
    expect(createWorkflowRequest.safeParse(yaml?.value).success).to.equal(true);
  });

  it('reads several documents and numbers them', () => {
    const sources = parseDefinitions(`${YAML}---\n${YAML}`, 'a.yaml');

    expect(sources.map((source) => source.name)).to.deep.equal(['a.yaml#1', 'a.yaml#2']);
    expect(sources[1]?.locate(['nodes', 0])).to.equal('a.yaml:12:5');
  });

  it('finds the line of a value, or of the nearest parent that exists', () => {
    const [source] = parseDefinitions(YAML, 'a.yaml');

    expect(source?.locate(['nodes', 0, 'type'])).to.equal('a.yaml:5:11');
    expect(source?.locate(['nodes', 0, 'data', 'label'])).to.equal('a.yaml:7:7');
    expect(source?.locate(['missing'])).to.equal('a.yaml:1:1');
  });

  it('finds the line in JSON too', () => {
    const [source] = parseDefinitions('{\n  "name": "x",\n  "nodes": 3\n}', 'a.json');

    expect(source?.locate(['nodes'])).to.equal('a.json:3:12');
  });

  for (const [what, text, message] of [
    ['a bad indentation', 'name: x\n nodes: 1\n', /a\.yaml:1:7|a\.yaml:2:\d+/],
    ['an unclosed brace', '{"name": "x",\n "nodes": [', /a\.yaml:\d+:\d+: /],
    ['a key given twice', 'name: x\nname: y\n', /a\.yaml:2:1: Map keys must be unique/],
    ['a list', '- 1\n', /holds no workflow definition/],
    ['a text', 'hello', /holds no workflow definition/],
    ['nothing', '', /is empty/],
  ] as const) {
    it(`says where ${what} is`, () => {
      expect(() => parseDefinitions(text, 'a.yaml')).to.throw(message);
    });
  }
});

describe('isUnchanged', () => {
  const definition = {
    id: 'hello',
    name: 'Hello',
    nodes: [
      { id: 'a', type: 'set', data: { config: { values: {} } } },
      { id: 'b', type: 'set', data: { config: { values: {} } } },
    ],
    edges: [{ source: 'a', target: 'b' }],
  };
  const resource = workflowResource.parse(
    workflow({
      ...createWorkflowRequest.parse(definition),
      edges: [{ id: 'edge_1', source: 'a', target: 'b' }],
    }),
  );

  it('fills in the defaults and leaves ids that the server gave to edges aside', () => {
    expect(isUnchanged(definition, resource)).to.equal(true);
    expect(isUnchanged(definitionOf(resource), resource)).to.equal(true);
    expect(isUnchanged(tersely(resource), resource)).to.equal(true);
    expect(tersely(resource)['nodes']).to.deep.equal(definition.nodes);
  });

  for (const [what, change] of [
    ['name', { name: 'Other' }],
    ['edge id', { edges: [{ id: 'mine', source: 'a', target: 'b' }] }],
    ['edge', { edges: [] }],
    ['owner', { owner: 'bob' }],
    ['metadata', { metadata: { tags: ['x'] } }],
    ['something invalid', { nodes: 3 }],
  ] as const) {
    it(`sees a changed ${what}`, () => {
      expect(isUnchanged({ ...definition, ...change }, resource)).to.equal(false);
    });
  }
});
