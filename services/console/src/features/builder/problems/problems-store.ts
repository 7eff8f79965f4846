import { checkDefinition, type DefinitionProblem } from '@millrace/engine';
import { create } from 'zustand';
import { toJson, type BuilderDocument } from '../document/document';

interface ProblemsState {
  readonly problems: readonly DefinitionProblem[];
  /** What the platform refused beyond what is checked here; gone with the next edit. */
  readonly refused: readonly DefinitionProblem[];
}

const NONE: readonly DefinitionProblem[] = [];

/** What is wrong with the document, found by the very code that the gateway runs. */
export const useProblemsStore = create<ProblemsState>(() => ({ problems: NONE, refused: NONE }));

export function check(document: BuilderDocument): readonly DefinitionProblem[] {
  const { problems } = checkDefinition(toJson(document));
  useProblemsStore.setState({ problems, refused: NONE });
  return problems;
}

export const setRefused = (refused: readonly DefinitionProblem[]): void =>
  useProblemsStore.setState({ refused });

let joined: { from: ProblemsState; list: readonly DefinitionProblem[] } | undefined;

export function allProblems(state: ProblemsState): readonly DefinitionProblem[] {
  if (state.refused.length === 0) return state.problems;
  if (joined?.from !== state) joined = { from: state, list: [...state.refused, ...state.problems] };
  return joined.list;
}

export const useProblems = (): readonly DefinitionProblem[] => useProblemsStore(allProblems);
