import type { DefinitionProblem } from '@millrace/engine';
import { useMemo } from 'react';
import { useProblems } from './problems-store';

/** What is wrong with each step, in words: the badges of the canvas. */
export function useProblemsByStep(): ReadonlyMap<string, readonly string[]> {
  const problems = useProblems();
  return useMemo(() => byStep(problems), [problems]);
}

export function byStep(problems: readonly DefinitionProblem[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { nodeIds, message } of problems)
    for (const id of nodeIds) found.set(id, [...(found.get(id) ?? []), message]);
  return found;
}
