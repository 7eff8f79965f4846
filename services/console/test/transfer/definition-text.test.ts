import { describe, expect, it } from 'vitest';
import { readDefinition } from '@/features/transfer/read-definition';
import { fileNameOf, writeDefinition } from '@/features/transfer/write-definition';

const definition = {
  name: 'Orders',
  nodes: [
    { id: 'load', type: 'set', data: { config: { values: { total: 3 } } } },
    { id: 'check', type: 'condition', data: { config: { expression: 'steps.load.output.total > 2.0' } } },
    { id: 'done', type: 'set', data: { config: { values: { ok: true } } } },
  ],
  edges: [
    { source: 'load', target: 'check' },
    { source: 'check', target: 'done', label: 'true' },
  ],
};

describe('a definition as text', () => {
  it.each(['json', 'yaml'] as const)('comes back from %s as it was', (syntax) => {
    const first = readDefinition(JSON.stringify(definition)).definition;
    const text = writeDefinition({ ...first, name: 'Orders' }, syntax);
    const again = readDefinition(text);
    expect(again.problems).toEqual([]);
    expect(again.syntax).toBe(syntax);
    expect(again.definition).toEqual(first);
  });

  it('is found in what the platform answers', () => {
    const resource = { ...definition, id: 'wf_1', workflow_id: 'wf_1', owner: 'ada', revision: 4, tags: [] };
    expect(readDefinition(JSON.stringify(resource)).definition?.name).toBe('Orders');
  });

  it('is refused at the line of a wrong value, in both syntaxes', () => {
    const json = '{\n  "name": "Orders",\n  "nodes": [\n    { "id": "a b", "type": "set" }\n  ]\n}';
    const yaml = 'name: Orders\nnodes:\n  - id: a b\n    type: set\n';
    expect(readDefinition(json).problems[0]).toMatchObject({ severity: 'error', line: 4 });
    expect(readDefinition(yaml).problems[0]).toMatchObject({ severity: 'error', line: 3, column: 9 });
    expect(readDefinition(yaml).definition).toBeUndefined();
  });

  it('names the nodes of a cycle', () => {
    const cyclic = { ...definition, edges: [...definition.edges, { source: 'done', target: 'load' }] };
    const { problems, definition: found } = readDefinition(JSON.stringify(cyclic, null, 2));
    expect(found).toBeUndefined();
    expect(problems.map(({ message }) => message).join()).toContain('are on a cycle');
  });

  it('says where the syntax breaks', () => {
    expect(readDefinition('{\n  "name": "Orders",\n  "nodes": [\n').problems[0]).toMatchObject({
      severity: 'error',
      line: 4,
    });
    expect(readDefinition('name: a\nname: b\n').problems[0]).toMatchObject({ line: 2 });
  });

  it('reads JSON that is indented with tabs', () => {
    expect(readDefinition(JSON.stringify(definition, null, '\t')).problems).toEqual([]);
  });

  it('follows aliases only so often', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['b>a', 'c>b', 'd>c', 'e>d', 'f>e', 'g>f'].map((pair) => pair.split('>'))) {
      lines.push(
        `${name ?? ''}: &${name ?? ''} [${Array.from({ length: 9 }, () => `*${of ?? ''}`).join(', ')}]`,
      );
    }
    expect(readDefinition(lines.join('\n')).problems[0]?.message).toMatch(/alias/i);
  });

  it('gets a file name that every system takes', () => {
    expect(fileNameOf('Größe & Co: Übersicht', 'yaml')).toBe('gro-e-co-u-bersicht.yaml');
    expect(fileNameOf('???', 'json')).toBe('workflow.json');
  });
});
