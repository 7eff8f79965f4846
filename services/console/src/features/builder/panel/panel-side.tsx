import { X } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { cx } from '@/lib/classes';
import { useBuilderView } from '../view';
import { ConfigurationPanel } from './configuration-panel';

/** The panel at the right of the canvas; on a narrow screen it lies over it, and only while it is asked for. */
export function PanelSide({ runId }: { runId: string | undefined }) {
  const hasPanel = useBuilderView((view) => view.hasPanel);
  return (
    <div
      className={cx(
        'w-96 shrink-0 border-l border-line bg-card max-lg:absolute max-lg:inset-y-0 max-lg:right-0 max-lg:z-20 max-lg:max-w-full',
        !hasPanel && 'max-lg:hidden',
      )}
    >
      <Button
        variant="ghost"
        size="icon-sm"
        hint="Hide the configuration"
        className="absolute right-2 top-2 z-10 lg:hidden"
        onClick={() => useBuilderView.setState({ hasPanel: false })}
      >
        <X aria-hidden className="size-4" />
      </Button>
      <ConfigurationPanel runId={runId} />
    </div>
  );
}
