import { ApiProblem } from '@millrace/client';
import type { JsonObject } from '@millrace/contracts';
import { screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import '@/components/code-editor/view';
import { RunForm } from '@/features/builder/running/run-form';
import type { RunRequest } from '@/features/builder/running/start-run';
import { show } from '../support/render';

const schema: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Whom' },
    times: { type: 'integer', title: 'How often', default: 2 },
  },
  required: ['name'],
};

async function setup({ untilStep, answer = () => Promise.resolve() }: Partial<SetupOptions> = {}) {
  const asked: RunRequest[] = [];
  const done = { count: 0 };
  const { user, unmount } = await show(
    <RunForm
      workflowId="wf_1"
      schema={schema}
      untilStep={untilStep}
      onDone={() => (done.count += 1)}
      onRun={(request) => {
        asked.push(request);
        return answer();
      }}
    />,
  );
  return { user, unmount, asked, done };
}
interface SetupOptions {
  untilStep: string | undefined;
  answer: () => Promise<void>;
}

const whom = () => screen.getByRole('textbox', { name: /^Whom/ });

describe('RunForm', () => {
  beforeEach(() => localStorage.clear());

  it('runs with what was entered, and leaves defaults to the platform', async () => {
    const { user, asked, done } = await setup();
    await user.type(whom(), 'Ada');
    await user.click(screen.getByRole('button', { name: 'Run' }));
    await waitFor(() => expect(done.count).toBe(1));
    expect(asked).toEqual([{ parameters: { name: 'Ada' }, untilStep: undefined }]);
  });

  it('begins with what the last run had', async () => {
    const first = await setup();
    await first.user.type(whom(), 'Grace');
    await first.user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(first.done.count).toBe(1));
    first.unmount();
    const { asked, user } = await setup({ untilStep: 'greet' });
    expect(whom()).toHaveProperty('value', 'Grace');
    await user.click(screen.getByRole('button', { name: 'Run to here' }));
    expect(asked[0]).toEqual({ parameters: { name: 'Grace' }, untilStep: 'greet' });
  });

  it('says at its field what the platform refuses, and keeps what was entered', async () => {
    const refusal = new ApiProblem({
      type: '/errors/validation_failed',
      title: 'Validation failed',
      status: 422,
      detail: 'The parameters do not fit.',
      errors: [{ loc: ['body', 'parameters', 'name'], msg: 'is too short', type: 'schema' }],
    });
    const { user, done } = await setup({ answer: () => Promise.reject(refusal) });
    await user.type(whom(), 'A');
    await user.click(screen.getByRole('button', { name: 'Run' }));
    await waitFor(() => expect(whom().getAttribute('aria-invalid')).toBe('true'));
    expect(screen.getAllByText('is too short').length).toBeGreaterThan(0);
    expect(whom()).toHaveProperty('value', 'A');
    expect(done.count).toBe(0);
  });
});
