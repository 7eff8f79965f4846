import { isTerminal, type ExecutionResource } from '@millrace/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { STATUS_LOOKS } from '@/components/status';
import { toast, toastError } from '@/components/toast';
import { executionQuery } from '../queries';

type Verb = 'cancel' | 'pause' | 'resume';

/**
 * Cancelling, pausing and resuming. The platform answers with the execution as it is after five seconds at most, and
 * what it answers is what people are told: a worker may need longer to obey.
 */
export function useSteering(id: string) {
  const queries = useQueryClient();
  const steer = useMutation({
    mutationFn: ({ verb, reason }: { verb: Verb; reason?: string }) =>
      verb === 'cancel' ? api.executions.cancel(id, reason) : api.executions[verb](id),
    onSuccess: (execution, { verb }) => {
      queries.setQueryData(executionQuery(id).queryKey, execution);
      toast({ title: outcomeWords(verb, execution) });
    },
    onError: (error, { verb }) => toastError(`Could not ${verb} the execution`, error),
    onSettled: () => queries.invalidateQueries({ queryKey: ['executions'], refetchType: 'none' }),
  });
  return steer;
}

/** What the answer means, in words that promise nothing. */
export function outcomeWords(verb: Verb, { status }: Pick<ExecutionResource, 'status'>): string {
  const word = STATUS_LOOKS[status].word.toLowerCase();
  if (verb === 'cancel') {
    if (status === 'cancelled') return 'The execution is cancelled';
    if (isTerminal(status)) return `The execution had ended before: ${word}`;
    return `Still ${word}: its worker has been told to stop and is cut off if it does not`;
  }
  if (verb === 'pause') {
    if (status === 'paused') return 'The execution is paused';
    if (isTerminal(status)) return `The execution has ended: ${word}`;
    return `Still ${word}: it pauses when the steps that run have come to their end`;
  }
  return status === 'paused' ? 'Still paused: its worker has been told to go on' : 'The execution goes on';
}
