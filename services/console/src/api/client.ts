import { ApiProblem, createClient } from '@millrace/client';
import { QueryClient } from '@tanstack/react-query';
import { sessionEnded } from './session';

/** The platform this page came from. */
export const api = createClient({
  baseUrl: window.location.origin,
  // The access token lives in memory only; the refresh token is in a cookie that no script can read.
  credentials: { session: 'cookie' },
  onUnauthorized: sessionEnded,
});

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; the client has already repeated what is safe to repeat.
      retry: (failures, error) => !(error instanceof ApiProblem) && failures < RETRIES,
      refetchOnWindowFocus: true,
    },
  },
});
