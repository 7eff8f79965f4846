import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

/** One's own keys, newest first, without their secret. */
export function useApiKeys() {
  return useQuery({ queryKey: ['api-keys'], queryFn: ({ signal }) => api.apiKeys.list({ signal }) });
}

export function useRenewApiKeys(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['api-keys'] });
}
