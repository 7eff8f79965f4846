import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Sparkline } from '@/features/workflows/sparkline';
import { show } from '../support/render';

describe('the latest runs', () => {
  it('lead to the newest one and say how it ended', async () => {
    await show(
      <Sparkline
        runs={[
          {
            execution_id: 'exec_2',
            status: 'failed',
            created_at: '2026-11-30T12:00:00Z',
            duration_seconds: 1.5,
          },
          {
            execution_id: 'exec_1',
            status: 'completed',
            created_at: '2026-11-30T11:00:00Z',
            duration_seconds: 3,
          },
        ]}
      />,
    );
    const link = screen.getByRole('link', { name: 'The last 2 runs. The last one: failed after 1.5 s' });

    expect(link.getAttribute('href')).toBe('/executions/exec_2');
  });

  it('are said to be none', async () => {
    await show(<Sparkline runs={[]} />);

    expect(screen.getByText('never run')).toBeTruthy();
  });
});
