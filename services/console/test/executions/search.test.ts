import { describe, expect, it, vi } from 'vitest';
import { bulkFilterOf } from '@/features/executions/bulk';
import { listQuery } from '@/features/executions/queries';
import { executionsSearch, tidy } from '@/features/executions/search';

vi.mock('@/api/client', () => ({ api: {} }));

const NOON = Date.parse('2026-11-30T12:00:00Z');

describe('the filter in the address', () => {
  it('loses what is empty', () => {
    expect(tidy({ workflow: '', status: [], owner: 'ada' })).toEqual({ owner: 'ada' });
  });

  it('survives nonsense', () => {
    expect(
      executionsSearch.parse({ status: ['nonsense'], range: 'soon', version: 'x', owner: 'ada' }),
    ).toEqual({
      owner: 'ada',
    });
  });

  it('asks from a moving time on', () => {
    expect(listQuery({ range: '1h', status: ['failed'] }, NOON)).toEqual({
      child: 'false',
      since: '2026-11-30T11:00:00.000Z',
      status: ['failed'],
    });
  });

  it('reaches the same executions in bulk, but not all of them by accident', () => {
    expect(bulkFilterOf({ owner: 'ada', range: '1h' }, NOON)).toEqual({
      child: false,
      owner: 'ada',
      since: '2026-11-30T11:00:00.000Z',
    });
    expect(bulkFilterOf({}, NOON)).toBeUndefined();
  });

  it('leaves out what steps of others started, unless it is looked for', () => {
    expect(listQuery({ owner: 'ada' })).toEqual({ owner: 'ada', child: 'false' });
    expect(listQuery({ owner: 'ada', children: true })).toEqual({ owner: 'ada' });
    expect(listQuery({ id: 'exec_01' })).toEqual({ id_prefix: 'exec_01' });
    expect(bulkFilterOf({ children: true })).toBeUndefined();
  });
});
