import { FolderOpen } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { cx } from '@/lib/classes';
import { formatBytes } from '@/lib/format';
import { MAX_TEXT_BYTES } from './read-definition';

interface FileDropProps {
  onText: (text: string) => void;
  onError: (error: unknown) => void;
  /** What the file is dropped onto. */
  children: ReactNode;
}

/** Reads a file that is chosen, or dropped on what it holds. */
export function FileDrop({ onText, onError, children }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);

  async function read(file: File | undefined): Promise<void> {
    if (!file) return;
    onError(undefined);
    if (file.size > MAX_TEXT_BYTES) {
      onError(
        new Error(
          `${file.name} has ${formatBytes(file.size)}; a definition has at most ${formatBytes(MAX_TEXT_BYTES)}.`,
        ),
      );
      return;
    }
    try {
      onText(await file.text());
    } catch (error) {
      onError(error);
    }
  }

  return (
    <div
      className="flex flex-col gap-2"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDropCapture={(event) => {
        setIsOver(false);
        const file = event.dataTransfer.files[0];
        // Dropped text is the editor's.
        if (!file) return;
        event.preventDefault();
        event.stopPropagation();
        void read(file);
      }}
    >
      <div>
        <Button size="sm" onClick={() => input.current?.click()}>
          <FolderOpen aria-hidden className="size-3.5" />
          Choose a file
        </Button>
        <input
          ref={input}
          type="file"
          accept=".json,.yaml,.yml,application/json,application/yaml"
          aria-label="File with a definition"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => {
            void read(event.target.files?.[0]);
            // The same file may be chosen again after it was changed.
            event.target.value = '';
          }}
        />
      </div>
      <div className={cx('rounded-control', isOver && 'outline-2 outline-dashed outline-accent')}>
        {children}
      </div>
    </div>
  );
}
