import type { Node } from '@millrace/contracts';
import type { BuilderDocument } from '@/features/builder/document/document';
import { readDocument } from '@/features/builder/document/read';

/** A document from JSON that must be readable. */
export function documentOf(json: object): BuilderDocument {
  const read = readDocument({ name: 'Test', ...json });
  if (!read.ok) throw new Error(read.reason);
  return read.document;
}

export const stepJson = (id: string, config: object = {}, more: object = {}) => ({
  id,
  type: 'set',
  position: { x: 0, y: 0 },
  data: { config: { values: {}, ...config }, ...more },
});

export function step(id: string, config: object = {}, more: object = {}): Node {
  const [node] = documentOf({ nodes: [stepJson(id, config, more)] }).nodes;
  if (!node) throw new Error('no step');
  return node;
}

/** `a -> b`, `b`'s body `c -> d`, and on failure `e`. */
export const nested = (): BuilderDocument =>
  documentOf({
    nodes: [
      stepJson('a'),
      {
        id: 'b',
        type: 'map',
        position: { x: 400, y: 0 },
        data: {
          config: {
            items: '=steps.a.output',
            body: {
              nodes: [
                stepJson('c'),
                stepJson('d', { values: { was: '=steps.c.output', also: '=steps["a"].output' } }),
              ],
              edges: [{ source: 'c', target: 'd' }],
            },
          },
        },
      },
    ],
    edges: [{ source: 'a', target: 'b' }],
    on_failure: { nodes: [stepJson('e')], edges: [] },
  });
