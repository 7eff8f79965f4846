import { executionUuid, isExecutionId } from '@millrace/contracts';
import { ApiError, badRequest, notFound } from '@millrace/service-kit';

/** What a socket is to carry, as its address says; nothing is known yet of whether it exists. */
export type Wanted =
  | { kind: 'workflow'; id: string; resume: { executionId: string; lastSeq: number } | undefined }
  | { kind: 'execution'; id: string; uuid: string; lastSeq: number | undefined };

const PREFIX = '/api/v1/ws/executions/';
const STORABLE_ID = /^[\w-]{1,64}$/;
const SEQ = /^\d{1,9}$/;

/** Undefined for an address that is none of ours. The base is there for `URL` only. */
export function parseTarget(address: string): URL | undefined {
  const base = 'http://stream.invalid';
  if (!URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  return url.pathname.startsWith(PREFIX) ? url : undefined;
}

/** Throws 404 for an id of a shape that nothing has, 400 for a position that cannot be meant. */
export function readWanted({ pathname, searchParams }: URL): Wanted {
  const id = decode(pathname.slice(PREFIX.length).replace(/\/$/, ''));
  const lastSeq = readSeq(searchParams.get('last_seq'));
  const named = searchParams.get('execution_id');
  if (id.startsWith('exec_')) {
    const uuid = executionUuid(id);
    if (uuid === undefined) throw notFound('Execution', shown(id));
    if (named !== null && named !== id)
      throw badRequest('execution_id names another execution than the path');
    return { kind: 'execution', id, uuid, lastSeq };
  }
  if (!STORABLE_ID.test(id)) throw notFound('Workflow', shown(id));
  if (named === null && lastSeq === undefined) return { kind: 'workflow', id, resume: undefined };
  if (named === null) throw badRequest('last_seq needs execution_id on the stream of a workflow');
  if (lastSeq === undefined)
    throw badRequest('execution_id needs last_seq: the seq of the last event you have');
  if (!isExecutionId(named)) throw notFound('Execution', shown(named));
  return { kind: 'workflow', id, resume: { executionId: named.slice('exec_'.length), lastSeq } };
}

function readSeq(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!SEQ.test(text))
    throw badRequest('last_seq must be a whole number from 0, the seq of the last event you have');
  return Number(text);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The address holds a broken percent sign');
  }
}

/** An id comes from the address as it was typed: too long a one is not repeated in full. */
function shown(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}

export function unknownAddress(): ApiError {
  return new ApiError('not_found', `Live streams are at ${PREFIX}{workflow_id or execution_id}`);
}
