import type { Node } from '@millrace/contracts';
import { CornerDownRight } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { plural } from '@/lib/format';
import { bodyGraph } from '../document/read';
import { enterScope, useBuilder } from '../store';

/** The way into the graph inside a step. */
export function BodyLink({ node }: { node: Node }) {
  const scope = useBuilder((state) => state.scope);
  const count = bodyGraph(node).nodes.length;
  return (
    <div data-field="body" className="flex items-center gap-3 rounded-control border border-line px-3 py-2">
      <span className="flex-1 text-12">
        Body
        <span className="block text-muted">{count === 0 ? 'Nothing in it yet' : plural(count, 'step')}</span>
      </span>
      <Button size="sm" onClick={() => enterScope([...scope, node.id])}>
        <CornerDownRight aria-hidden className="size-3.5" />
        Open the body
      </Button>
    </div>
  );
}
