import type { StepSummary } from '@millrace/contracts';
import { STATUS_LOOKS } from '@/components/status';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';

/** A step's bar in its execution, in milliseconds since the execution was submitted. */
interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
}

export function barOf(step: StepSummary | undefined, submittedAt: string): Bar | undefined {
  if (step === undefined || step.started_at === null || step.completed_at === null) return undefined;
  const origin = Date.parse(submittedAt);
  return { fromMs: Date.parse(step.started_at) - origin, toMs: Date.parse(step.completed_at) - origin };
}

interface CompareBarsProps {
  a: StepSummary | undefined;
  b: StepSummary | undefined;
  submittedA: string;
  submittedB: string;
  /** The longer of the two executions. */
  wholeMs: number;
}

/** The same step in both executions, one bar under the other on one scale of time. */
export function CompareBars({ a, b, submittedA, submittedB, wholeMs }: CompareBarsProps) {
  return (
    <div className="flex min-w-40 flex-col gap-1">
      <OneBar name="A" step={a} bar={barOf(a, submittedA)} wholeMs={wholeMs} />
      <OneBar name="B" step={b} bar={barOf(b, submittedB)} wholeMs={wholeMs} />
    </div>
  );
}

interface OneBarProps {
  name: string;
  step: StepSummary | undefined;
  bar: Bar | undefined;
  wholeMs: number;
}

function OneBar({ name, step, bar, wholeMs }: OneBarProps) {
  const share = (ms: number): string => `${(Math.max(0, ms) / Math.max(1, wholeMs)) * 100}%`;
  return (
    <div className="relative h-2 rounded-[2px] bg-hover">
      {bar && step && (
        <div
          title={`${name}: ${STATUS_LOOKS[step.status].word}, ${formatDuration(bar.toMs - bar.fromMs)}`}
          className={cx(
            'absolute inset-y-0 min-w-[3px] rounded-[2px]',
            step.status === 'failed'
              ? 'bg-failed'
              : step.status === 'completed'
                ? 'bg-success'
                : 'bg-neutral',
          )}
          style={{ left: share(bar.fromMs), width: share(bar.toMs - bar.fromMs) }}
        />
      )}
    </div>
  );
}
