import type { BulkResponse } from '@millrace/contracts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runBulk, type BulkReport } from '@/features/executions/bulk';

const bulk = vi.hoisted(() => vi.fn<(request: { ids?: string[] }) => Promise<BulkResponse>>());
vi.mock('@/api/client', () => ({ api: { executions: { bulk } } }));

const answer = (part: Partial<BulkResponse>): BulkResponse => ({
  ...{ matched: 0, succeeded: 0, failed: [], created: [], more: false },
  ...part,
});

describe('a bulk action', () => {
  const reports: BulkReport[] = [];
  beforeEach(() => {
    bulk.mockReset();
    reports.length = 0;
  });
  const run = (target: Parameters<typeof runBulk>[1]) =>
    runBulk('cancel', target, (report) => reports.push(report));

  it('goes on while more match, and adds up what came of it', async () => {
    const failed = [{ execution_id: 'exec_1', detail: 'no' }];
    bulk
      .mockResolvedValueOnce(answer({ matched: 1_000, succeeded: 999, failed, more: true }))
      .mockResolvedValueOnce(answer({ matched: 5, succeeded: 5 }));
    await run({ filter: { owner: 'ada' } });

    expect(reports.at(-1)).toEqual({ matched: 1_005, succeeded: 1_004, created: 0, failed });
  });

  it('stops where nothing succeeds any more', async () => {
    bulk.mockResolvedValue(
      answer({ matched: 1, failed: [{ execution_id: 'exec_1', detail: 'no' }], more: true }),
    );
    await run({ filter: { owner: 'ada' } });

    expect(bulk).toHaveBeenCalledTimes(1);
  });

  it('sends ids in the portions that the API takes', async () => {
    bulk.mockResolvedValue(answer({ succeeded: 1 }));
    await run({ ids: Array.from({ length: 2_500 }, (_, index) => `exec_${index}`) });

    expect(bulk.mock.calls.map(([{ ids = [] }]) => ids.length)).toEqual([1_000, 1_000, 500]);
  });
});
