import { PanelLeftClose } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Segmented } from '@/components/ui/choice';
import { Outline } from './outline';
import { Palette } from './palette';
import { showSide, useBuilderView } from './view';

/** Left of the canvas: what can be added, or what is there. */
export function Side({ problems }: { problems: ReadonlyMap<string, readonly string[]> }) {
  const side = useBuilderView((view) => view.side);
  if (side === undefined) return null;
  return (
    <aside
      aria-label={side === 'palette' ? 'Steps to add' : 'Outline of the workflow'}
      className="flex h-full w-56 shrink-0 flex-col border-r border-line bg-card max-md:absolute max-md:inset-y-0 max-md:left-0 max-md:z-20"
    >
      <div className="flex items-center gap-1 border-b border-line p-2">
        <Segmented
          label="Show"
          className="flex-1"
          value={side}
          onChange={showSide}
          options={[
            { value: 'palette', label: 'Add' },
            { value: 'outline', label: 'Outline' },
          ]}
        />
        <Button variant="ghost" size="icon" hint="Hide" onClick={() => showSide(undefined)}>
          <PanelLeftClose aria-hidden className="size-4" />
        </Button>
      </div>
      {side === 'palette' ? <Palette /> : <Outline problems={problems} />}
    </aside>
  );
}
