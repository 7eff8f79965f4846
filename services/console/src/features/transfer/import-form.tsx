import type { Definition } from '@millrace/contracts';
import { useDeferredValue, useMemo, useState } from 'react';
import { CodeEditor } from '@/components/code-editor/code-editor';
import type { CodeEditorHandle } from '@/components/code-editor/props';
import { ErrorNote } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { plural } from '@/lib/format';
import { FileDrop } from './file-drop';
import { ProblemLines } from './problem-lines';
import { readDefinition } from './read-definition';

export interface ImportFormProps {
  /** The verb of the button: "Create workflow", "Replace the canvas". */
  readonly action: string;
  /** What importing does, where it is not obvious. */
  readonly consequence?: string;
  /** Throws where it fails; the text stays. */
  readonly onImport: (definition: Definition) => Promise<void> | void;
  readonly onDone: () => void;
}

export function ImportForm({ action, consequence, onImport, onDone }: ImportFormProps) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [editor, setEditor] = useState<CodeEditorHandle>();
  const settled = useDeferredValue(text);
  const read = useMemo(() => (settled.trim() === '' ? undefined : readDefinition(settled)), [settled]);
  const definition = settled === text ? read?.definition : undefined;

  async function submit(): Promise<void> {
    if (!definition) return;
    setBusy(true);
    setError(undefined);
    try {
      await onImport(definition);
      onDone();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="flex flex-col gap-3">
      <FileDrop onText={setText} onError={setError}>
        <CodeEditor
          label="Definition"
          language={read?.syntax ?? 'json'}
          value={text}
          onChange={setText}
          marks={read?.problems ?? []}
          lineNumbers
          minRows={12}
          maxRows={22}
          placeholder="Paste a definition, or drop a file here"
          onReady={setEditor}
        />
      </FileDrop>
      {read && <ProblemLines problems={read.problems} onGoTo={(position) => editor?.goTo(position)} />}
      {definition && (
        <p role="status" className="text-12 text-muted">
          {definition.name}: {plural(definition.nodes.length, 'step')},{' '}
          {plural(definition.edges.length, 'edge')}
        </p>
      )}
      {error !== undefined && <ErrorNote error={error} />}
      <div className="flex items-center justify-end gap-3">
        {consequence !== undefined && <p className="flex-1 text-12 text-muted">{consequence}</p>}
        <Button
          variant="primary"
          busy={busy}
          disabledReason={definition ? undefined : reasonWhyNot(text, read?.problems.length ?? 0)}
          onClick={() => void submit()}
        >
          {action}
        </Button>
      </div>
    </div>
  );
}

function reasonWhyNot(text: string, problems: number): string {
  if (text.trim() === '') return 'Paste a definition or choose a file first';
  return problems > 0 ? 'Mend the errors first' : 'Reading …';
}
