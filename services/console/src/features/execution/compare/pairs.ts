import type { StepSummary } from '@millrace/contracts';

/** A step of either execution, or of both. */
export interface StepPair {
  readonly stepId: string;
  readonly name: string;
  readonly a: StepSummary | undefined;
  readonly b: StepSummary | undefined;
  /** Milliseconds that B took longer; null where one has no duration. */
  readonly slowerMs: number | null;
  readonly isStatusChanged: boolean;
}

/** The steps of both, those of A in their order and then those that only B has. */
export function pairsOf(a: readonly StepSummary[], b: readonly StepSummary[]): readonly StepPair[] {
  const ofB = new Map(b.map((step) => [step.step_id, step]));
  const known = new Set(a.map(({ step_id: id }) => id));
  return [
    ...a.map((step) => pair(step, ofB.get(step.step_id))),
    ...b.filter(({ step_id: id }) => !known.has(id)).map((step) => pair(undefined, step)),
  ];
}

function pair(a: StepSummary | undefined, b: StepSummary | undefined): StepPair {
  const durationA = a?.duration_ms ?? null;
  const durationB = b?.duration_ms ?? null;
  return {
    stepId: a?.step_id ?? b?.step_id ?? '',
    name: b?.step_name ?? a?.step_name ?? '',
    ...{ a, b },
    slowerMs: durationA === null || durationB === null ? null : durationB - durationA,
    isStatusChanged: a?.status !== b?.status,
  };
}
