import type { ExecutionError } from '@millrace/contracts';
import { JsonView } from '@/components/json-view';

const FAULTS: Readonly<Record<NonNullable<ExecutionError['fault']>, string>> = {
  caller: 'what was given to it',
  workflow: 'how the workflow is made',
  remote: 'a system that it called',
  platform: 'Millrace or its operation',
};

interface ErrorDetailProps {
  error: ExecutionError;
  /** Another attempt followed, or will. */
  isRetried?: boolean;
}

/** Why something failed: the message, its code, whose matter it is, and what else is known. */
export function ErrorDetail({ error, isRetried = false }: ErrorDetailProps) {
  const { code, message, fault, retryable, details } = error;
  return (
    <div className="flex flex-col gap-1 rounded-control border border-failed/40 bg-failed-soft p-3 text-13">
      <p className="whitespace-pre-wrap break-words">{message}</p>
      <p className="text-12 text-muted">
        <code className="font-mono">{code}</code>
        {fault !== undefined && <> · the cause is {FAULTS[fault]}</>}
        {retryable === false && !isRetried && <> · not retried unless its code is named in retry_on</>}
      </p>
      {details !== undefined && Object.keys(details).length > 0 && (
        <JsonView value={details} label="Details of the error" root="error.details" />
      )}
    </div>
  );
}
