import { descriptorOf, joinMode, onError, onUncertain, retryPolicy, type Node } from '@millrace/contracts';
import { useMemo } from 'react';
import { shapeOfZod } from '@/components/schema-form/from-json-schema';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { Switch } from '@/components/ui/choice';
import { Field } from '@/components/ui/field';
import { useProblems } from '../problems/problems-store';
import type { Change } from '../document/command';
import { dispatch, useBuilder } from '../store';
import { ChoiceField } from './choice-field';
import { DurationInput } from './duration-input';

const RETRY_PROMINENT = ['max_attempts', 'backoff', 'delay_seconds'];

const ON_ERROR = {
  fail: 'The execution fails',
  continue: 'Go on with the error as the output',
  error: 'Follow the edges labelled “error”',
} as const;
const ON_UNCERTAIN = {
  retry: 'Repeat it',
  fail: 'Fail the step',
  ask: 'Ask a person',
} as const;
const JOIN = { all: 'For all of them', any: 'For the first of them' } as const;

/** What happens around the step: waiting for others, time, failures, and what nobody knows the outcome of. */
export function BehaviourTab({ node }: { node: Node }) {
  const isReadOnly = useBuilder((state) => state.readOnlyReason !== undefined);
  const problems = useProblems();
  const { id, data, type } = node;
  const { hasBody = false, purity } = descriptorOf(type);
  const set = (change: Change<Node['data']>, typing = false): void =>
    dispatch({ type: 'update_step', id, change, typing });
  const errorAt = (name: string): string | undefined =>
    problems.find(({ nodeIds, field }) => nodeIds[0] === id && field[1] === name)?.message;
  const retryErrors = useMemo(
    () =>
      problems.flatMap(({ nodeIds, field, message }) =>
        nodeIds[0] === id && field[1] === 'retry' ? [{ path: field.slice(2), message }] : [],
      ),
    [problems, id],
  );

  return (
    <div className="flex flex-col gap-4 p-4">
      <div data-field="disabled" className="flex items-center gap-2">
        <Switch
          id="step-disabled"
          checked={data.disabled}
          onChange={(disabled) => set({ disabled })}
          disabled={isReadOnly}
        />
        <label htmlFor="step-disabled" className="text-12 font-medium">
          Disabled: the step is passed over
        </label>
      </div>
      <ChoiceField
        name="on_error"
        label="When it fails for good"
        value={data.on_error}
        options={onError.options.map((value) => ({ value, label: ON_ERROR[value] }))}
        onChange={(on_error) => set({ on_error })}
        error={errorAt('on_error')}
        disabled={isReadOnly}
      />
      <ChoiceField
        name="join"
        label="Where several edges lead here, it waits"
        value={data.join}
        options={joinMode.options.map((value) => ({ value, label: JOIN[value] }))}
        onChange={(join) => set({ join })}
        disabled={isReadOnly}
      />
      <div data-field="timeout_seconds">
        <Field
          label="Time limit of an attempt (seconds)"
          hint="None without it"
          error={errorAt('timeout_seconds')}
        >
          {(control) => (
            <DurationInput
              {...control}
              value={data.timeout_seconds}
              onChange={(timeout_seconds) => set({ timeout_seconds }, true)}
              readOnly={isReadOnly}
            />
          )}
        </Field>
      </div>
      {purity === 'effectful' && (
        <ChoiceField
          name="on_uncertain"
          label="When an attempt began and nobody knows how it ended"
          value={data.on_uncertain}
          placeholder="What is right for this kind"
          options={onUncertain.options.map((value) => ({ value, label: ON_UNCERTAIN[value] }))}
          onChange={(on_uncertain) => set({ on_uncertain })}
          disabled={isReadOnly}
        />
      )}
      {hasBody ? (
        <p className="text-12 text-muted">The steps in its body have retries of their own.</p>
      ) : (
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 flex items-center gap-2 text-12 font-medium">
            <Switch
              label="Retry"
              checked={data.retry !== undefined}
              onChange={(isOn) => set({ retry: isOn ? retryPolicy.parse({ max_attempts: 3 }) : undefined })}
              disabled={isReadOnly}
            />
            Retry after failures
          </legend>
          {data.retry && (
            <div className="border-l border-line pl-3">
              <SchemaForm
                shape={shapeOfZod(retryPolicy)}
                value={JSON.parse(JSON.stringify(data.retry)) as Record<string, never>}
                onChange={(value) => set({ retry: { ...retryPolicy.parse({}), ...value } }, true)}
                errors={retryErrors}
                readOnly={isReadOnly}
                prominent={RETRY_PROMINENT}
              />
            </div>
          )}
        </fieldset>
      )}
    </div>
  );
}
