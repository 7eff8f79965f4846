import { descriptorOf, isStepKind } from '@millrace/contracts';
import type { StoredEvent } from '@millrace/persistence';

/**
 * Which effectful steps started and left no result, told by a log from its beginning: nobody knows whether their effect
 * happened. A step that waits or sleeps has had no effect yet; one of which a person is asked what became of it has.
 */
export class UncertainSteps {
  /** Steps by place: a step of a body runs in several iterations at once. */
  readonly #open = new Map<string, string>();

  note({ type, data }: Pick<StoredEvent, 'type' | 'data'>): void {
    const { step_id: stepId, iteration, kind } = data;
    // What a person is asked is recorded while the outcome is as unknown as before.
    if (typeof stepId !== 'string' || type === 'step_waiting') return;
    const place = typeof iteration === 'string' ? `${stepId} ${iteration}` : stepId;
    if (type !== 'step_started') {
      this.#open.delete(place);
      return;
    }
    const isEffectful =
      typeof kind === 'string' && isStepKind(kind) && descriptorOf(kind).purity === 'effectful';
    const isAtWork = data['due_at'] === undefined && data['wait'] === undefined && data['loop'] === undefined;
    if (isEffectful && isAtWork) this.#open.set(place, stepId);
    else this.#open.delete(place);
  }

  /** Ids of the definition, each once. */
  ids(): string[] {
    return [...new Set(this.#open.values())];
  }
}
