import { useExpressionPlace, type Trial } from '../expressions/use-expressions';

const SHOWN = 400;

/** What an expression yields on the last run's data, or why it does not. */
export function TrialLine({ trial }: { trial: Trial }) {
  const { isOfRun } = useExpressionPlace().scope;
  if (trial.state === 'none') return null;
  if (trial.state === 'invalid') {
    return (
      <p role="alert" className="text-12 text-failed">
        {trial.message}
      </p>
    );
  }
  const source = isOfRun ? 'With the last run' : 'Before the first run';
  if (trial.state === 'failed') {
    return (
      <p role="status" className="text-12 text-waiting">
        {source}: {trial.message}
      </p>
    );
  }
  const text = typeof trial.value === 'string' ? trial.value : JSON.stringify(trial.value);
  return (
    <p role="status" className="flex items-baseline gap-1.5 text-12 text-muted">
      <span className="shrink-0">{source}:</span>
      <code className="line-clamp-3 min-w-0 break-all font-mono text-12 text-ink">
        {text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text === '' ? '(empty)' : text}
      </code>
    </p>
  );
}
