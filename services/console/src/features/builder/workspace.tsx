import { BuilderCanvas } from './builder-canvas';
import { BuilderMenu } from './builder-menu';
import { BuilderToolbar } from './builder-toolbar';
import { Breadcrumb } from './breadcrumb';
import { Picker } from './picker/picker';
import { Side } from './side';
import { useBuilder } from './store';
import { useBuilderKeys } from './use-builder-keys';

const NO_PROBLEMS: ReadonlyMap<string, readonly string[]> = new Map();

/** The open workflow: what can be added at the left, the canvas, and what is configured at the right. */
export function Workspace() {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  useBuilderKeys();
  return (
    <div data-builder className="flex h-full flex-col">
      <BuilderToolbar>{null}</BuilderToolbar>
      {readOnlyReason !== undefined && (
        <p role="status" className="border-b border-line bg-waiting-soft px-4 py-1.5 text-12">
          You can look and copy, but not change anything. {readOnlyReason}
        </p>
      )}
      <div className="relative flex min-h-0 flex-1">
        <Side problems={NO_PROBLEMS} />
        <div className="relative min-w-0 flex-1">
          <BuilderCanvas problems={NO_PROBLEMS} isRunShown={false} />
          <Breadcrumb />
        </div>
      </div>
      <Picker />
      <BuilderMenu />
    </div>
  );
}
