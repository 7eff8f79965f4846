import type { ExecutionError, JsonValue } from '@millrace/contracts';
import type { SecretAnswer } from '@millrace/persistence';
import type { WorkerDoor } from '@millrace/runtime';
import type { StepSecrets } from '../steps/types.js';
import type { Placeholders } from './placeholders.js';
import { createRedactor, type Redactor } from './redactor.js';

/** The secrets of one attempt, from their values to what may be told of them. */
export interface AttemptSecrets {
  /** What the step itself gets. */
  readonly ofStep: StepSecrets;
  readonly redactor: Redactor;
}

export type OpenedSecrets =
  | { readonly ok: true; readonly secrets: AttemptSecrets }
  | { readonly ok: false; readonly error: ExecutionError };

export interface SecretsRequest {
  executionId: string;
  names: readonly string[];
  placeholders: Placeholders;
  door: Pick<WorkerDoor, 'readSecrets'>;
  signal: AbortSignal;
}

/**
 * Reads what an attempt names. Nothing is kept for the next one, so that a changed or deleted secret is another one
 * there. Rejects when `signal` fires while the database is away.
 */
export async function openSecrets(request: SecretsRequest): Promise<OpenedSecrets> {
  const { executionId, names, placeholders, door, signal } = request;
  const answers = await door.readSecrets(executionId, names, signal);
  const values = new Map<string, string>();
  for (const name of names) {
    const answer = answers.get(name) ?? { kind: 'missing' };
    if (answer.kind !== 'found') return { ok: false, error: refusal(name, answer.kind) };
    values.set(name, answer.value);
  }
  const redactor = createRedactor(values);
  return {
    ok: true,
    secrets: {
      redactor,
      ofStep: {
        reveal: (value) => placeholders.replace(value, (name) => values.get(name) ?? ''),
        redact: <T extends JsonValue>(value: T): T => redactor.json(placeholders.hide(value)),
      },
    },
  };
}

function refusal(name: string, kind: Exclude<SecretAnswer['kind'], 'found'>): ExecutionError {
  switch (kind) {
    case 'missing':
      return {
        code: 'secret_missing',
        message: `The owner of the workflow has no secret "${name}". Create it with PUT /api/v1/secrets/${name} or "millrace secrets set ${name}", then retry`,
        fault: 'workflow',
        retryable: false,
      };
    case 'no_key':
      return unreadable(name, 'the worker has no SECRETS_KEY');
    case 'unknown_key':
      return unreadable(
        name,
        'it was encrypted with a key that is neither SECRETS_KEY nor among SECRETS_PREVIOUS_KEYS of the worker',
      );
    case 'damaged':
      return unreadable(name, 'what is stored is damaged or belongs to another row; set the secret again');
  }
}

function unreadable(name: string, reason: string): ExecutionError {
  const message = `The secret "${name}" cannot be read: ${reason}`;
  return { code: 'secret_unreadable', message, fault: 'platform', retryable: false };
}
