import type { BlobReference, JsonValue } from '@millrace/contracts';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { Skeleton } from '@/components/ui/skeleton';
import { formatBytes } from '@/lib/format';
import { saveFile } from '@/lib/save-file';
import { JsonView } from './json-view';

interface PayloadViewProps {
  /** What is there, or where it lies when it is too large for the log. */
  payload: { readonly value?: JsonValue | undefined; readonly reference?: BlobReference | null | undefined };
  label: string;
  root?: string;
  /** Said where there is neither. */
  empty: string;
}

/** Beyond this a browser gets slow with it as a tree; it can still be saved. */
const SHOWABLE_BYTES = 16 * 1024 * 1024;

/** A value of an execution. One that is kept apart is fetched when somebody asks for it. */
export function PayloadView({ payload: { value, reference }, label, root = '', empty }: PayloadViewProps) {
  if (reference)
    return <StoredValue key={reference.reference} reference={reference} label={label} root={root} />;
  if (value === undefined) return <p className="text-13 text-muted">{empty}</p>;
  return <JsonView value={value} label={label} root={root} />;
}

interface StoredValueProps {
  reference: BlobReference;
  label: string;
  root: string;
}

function StoredValue({ reference, label, root }: StoredValueProps) {
  const { size_bytes: size, content_type: type } = reference;
  const [wanted, setWanted] = useState(false);
  const isShowable = size <= SHOWABLE_BYTES;
  const blob = useQuery({
    queryKey: ['blobs', reference.reference],
    queryFn: ({ signal }) => api.blob(reference.reference, { signal, timeoutMs: 120_000 }),
    enabled: wanted,
    // What a reference leads to never changes; but megabytes are not kept for long.
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const [saveError, setSaveError] = useState<unknown>();
  const save = (): void => {
    setSaveError(undefined);
    api
      .blob(reference.reference, { timeoutMs: 120_000 })
      .then(
        ({ bytes, contentType }) => saveFile(`${label}.json`, bytes.slice().buffer, contentType),
        setSaveError,
      );
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2 rounded-control border border-line bg-raised px-3 py-2 text-12">
        <span className="min-w-0 flex-1 text-muted">
          {formatBytes(size)} of {type}, kept apart from the log
        </span>
        {blob.data === undefined && (
          <Button
            size="sm"
            busy={wanted && blob.isFetching}
            disabledReason={isShowable ? undefined : 'It is too large to be shown; save it as a file'}
            onClick={() => setWanted(true)}
          >
            Load
          </Button>
        )}
        <Button size="sm" onClick={save}>
          <Download aria-hidden className="size-3.5" />
          Save as a file
        </Button>
      </div>
      {saveError !== undefined && <ErrorNote error={saveError} onRetry={save} />}
      {blob.isError && <ErrorNote error={blob.error} onRetry={() => void blob.refetch()} />}
      {wanted && blob.isPending && <Skeleton className="h-24" />}
      {blob.data && <Loaded bytes={blob.data.bytes} label={label} root={root} />}
    </div>
  );
}

function Loaded({ bytes, label, root }: { bytes: Uint8Array; label: string; root: string }) {
  const [parsed] = useState(() => parse(bytes));
  if (parsed !== undefined) return <JsonView value={parsed.value} label={label} root={root} />;
  return (
    <pre className="max-h-96 overflow-auto whitespace-pre-wrap rounded-control border border-line bg-raised p-2 font-mono text-12">
      {new TextDecoder().decode(bytes.subarray(0, 100_000))}
    </pre>
  );
}

/** Undefined where the bytes are not JSON. */
function parse(bytes: Uint8Array): { value: JsonValue } | undefined {
  try {
    // What JSON.parse gives is JSON, which it does not say.
    return { value: JSON.parse(new TextDecoder().decode(bytes)) as JsonValue };
  } catch {
    return undefined;
  }
}
