import { Dialog } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/badge';
import { setHelpOpen, usePalette } from './palette-store';

const SHORTCUTS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [string, string])[];
}[] = [
  {
    title: 'Anywhere',
    keys: [
      ['Ctrl K', 'Search or do something'],
      ['?', 'This help'],
      ['Esc', 'Close what is open'],
    ],
  },
  {
    title: 'Builder',
    keys: [
      ['N', 'Add a step'],
      ['Enter', 'Open the chosen step'],
      ['F2', 'Rename'],
      ['C', 'Connect to …'],
      ['D', 'Disable or enable'],
      ['P', 'Pin the last output'],
      ['Ctrl A', 'Choose all'],
      ['Ctrl C, X, V, D', 'Copy, cut, paste, duplicate'],
      ['Delete', 'Delete'],
      ['Ctrl Z', 'Undo'],
      ['Ctrl Shift Z, Ctrl Y', 'Redo'],
      ['Ctrl S', 'Publish'],
      ['Ctrl Enter', 'Run'],
      ['Shift Alt T', 'Tidy up'],
      ['Shift S', 'Sticky note'],
      ['0, 1, +, −', 'Real size, fit, nearer, farther'],
      ['Arrows', 'Walk along the graph'],
      ['Alt arrows', 'Move the chosen steps'],
      ['Shift ← →', 'Choose everything before or behind'],
      ['Space and drag', 'Move the canvas'],
    ],
  },
  {
    title: 'Execution',
    keys: [
      ['J, K', 'Next, previous execution'],
      ['Arrows', 'Walk along the steps'],
      ['E, W', 'Open, close everything in the timeline'],
      ['Esc', 'Close the step'],
    ],
  },
];

/** Every shortcut, by the page where it works. */
export function KeyboardHelp() {
  const open = usePalette((palette) => palette.helpOpen);
  return (
    <Dialog open={open} onOpenChange={setHelpOpen} title="Keyboard shortcuts" width="lg">
      <div className="gap-8 md:columns-2">
        {SHORTCUTS.map(({ title, keys }) => (
          <section key={title} className="mb-5 break-inside-avoid-page">
            <h3 className="mb-1 text-13">{title}</h3>
            <dl>
              {keys.map(([combination, words]) => (
                <div
                  key={combination}
                  className="flex items-center justify-between gap-3 border-b border-line py-1"
                >
                  <dt className="text-12">{words}</dt>
                  <dd>
                    <Kbd>{combination}</Kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
