import type { ExecutionBudget } from './graph/plan.js';

export interface Consumed {
  readonly tokens: number;
  /** US dollars. */
  readonly costUsd: number;
}

/** The budget of one execution, and what calls of models have used on its account. */
export interface BudgetAccount {
  readonly limit: ExecutionBudget;
  readonly used: Consumed;
}

/** What the next call may use: the least that any of the accounts leaves, never below 0; null is unlimited (rule B3). */
export function budgetLeft(accounts: readonly BudgetAccount[]): ExecutionBudget {
  return { tokens: leastLeft(accounts, 'tokens'), costUsd: leastLeft(accounts, 'costUsd') };
}

function leastLeft(accounts: readonly BudgetAccount[], what: keyof Consumed): number | null {
  const left = accounts.flatMap(({ limit, used }) => {
    const most = limit[what];
    return most === null ? [] : [Math.max(0, most - used[what])];
  });
  return left.length === 0 ? null : Math.min(...left);
}
