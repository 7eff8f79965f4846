import type { CompletionSource } from '@codemirror/autocomplete';
import type { JsonValue } from '@millrace/contracts';
import { inspectExpression, type Evaluated, type ExpressionLanguage } from '@millrace/engine';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { api } from '@/api/client';
import { useRights } from '@/api/session';
import { completeExpressions, type CompletionKnowledge } from './completion';
import { evaluate } from './evaluator';
import type { ExpressionScope } from './scope';

export interface ExpressionPlace {
  readonly scope: ExpressionScope;
  readonly allowsSecrets: boolean;
}

/** What the expressions of the step in the panel see. */
export const ExpressionPlaceContext = createContext<ExpressionPlace>({
  scope: { steps: [], values: {}, isOfRun: false },
  allowsSecrets: false,
});

export const useExpressionPlace = (): ExpressionPlace => useContext(ExpressionPlaceContext);

export function useCompletions(language: ExpressionLanguage): CompletionSource {
  const { scope, allowsSecrets } = useExpressionPlace();
  const rights = useRights();
  const secrets = useQuery({
    queryKey: ['secrets', 'names'],
    queryFn: async () => (await api.secrets.list({ limit: 200 })).items.map(({ name }) => name),
    enabled: allowsSecrets && rights.can('workflow:read'),
    staleTime: 60_000,
  });
  const knowledge: CompletionKnowledge = { scope, allowsSecrets, secretNames: secrets.data ?? [] };
  return completeExpressions(language, () => knowledge);
}

export type Trial =
  | { readonly state: 'none' }
  | { readonly state: 'invalid'; readonly message: string; readonly position: number | null }
  | { readonly state: 'value'; readonly value: JsonValue }
  | { readonly state: 'failed'; readonly message: string };

const SETTLE_MS = 250;

/** What an expression yields on the last run's data; `none` where it is plain text, or nothing ran that it could be tried on. */
export function useTrial(language: ExpressionLanguage, text: string): Trial {
  const { scope } = useExpressionPlace();
  const isExpression = language !== 'template' || text.startsWith('=') || text.includes('{{');
  const facts = useMemo(
    () => (isExpression && text.trim() !== '' ? inspectExpression(language, text) : undefined),
    [language, text, isExpression],
  );
  const [answer, setAnswer] = useState<{ text: string; scope: ExpressionScope; result: Evaluated }>();
  const isTried = facts?.ok === true;

  useEffect(() => {
    if (!isTried) return;
    let isOver = false;
    const timer = setTimeout(() => {
      void evaluate(language, text, scope.values).then((result) => {
        if (!isOver) setAnswer({ text, scope, result });
      });
    }, SETTLE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [isTried, language, text, scope]);

  if (facts === undefined) return { state: 'none' };
  if (!facts.ok) return { state: 'invalid', message: facts.message, position: facts.position };
  if (answer?.text !== text) return { state: 'none' };
  const { result } = answer;
  return result.ok
    ? { state: 'value', value: result.value }
    : { state: 'failed', message: result.error.message };
}
