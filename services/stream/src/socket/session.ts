import { type ClientFrame, executionUuid, toExecutionId } from '@millrace/contracts';
import { type Queryable, readHeads } from '@millrace/persistence';
import { type Feed, type FollowedStream, MAX_SNAPSHOT } from '@millrace/runtime';
import { type Authenticator, hasScope, type Logger } from '@millrace/service-kit';
import type { WebSocket } from 'ws';
import { type Admission, NEEDED_SCOPE } from '../upgrade/authorize.js';
import { Allowance } from './allowance.js';
import type { Connection } from './connection.js';
import { atMoment } from './expiry.js';
import { readMessage } from './inbound.js';

export interface SessionContext {
  feed: Feed;
  db: Queryable;
  authenticator: Authenticator;
  log: Logger;
}

/** Resumes of one socket that wait for their turn. */
const MAX_RESUMES = 16;
/** Messages of one client; who sends more is not read from for a while, so that its own send buffer fills. */
const MESSAGES = { burst: 200, perSecond: 50 };
const PAUSE_MS = 500;
/** Complaints about one client's frames; further ones are ignored without a word. */
const COMPLAINTS = { burst: 10, perSecond: 1 };

/**
 * The life of one socket from `connected` on: follows what it was admitted to, obeys the client's frames, and ends when
 * its token does. Resolves when the stream is set up; nothing is read from the client before.
 */
export async function serveSocket(
  context: SessionContext,
  ws: WebSocket,
  connection: Connection,
  resume: Admission['resume'],
): Promise<void> {
  ws.pause();
  let stopTimer = expireAt(connection);
  connection.onClose(() => {
    stopTimer();
  });
  let stream: FollowedStream;
  try {
    stream = await context.feed.follow(connection.target, connection, { withhold: resume !== undefined });
  } catch (error) {
    fail(context, connection, error);
    return;
  }
  connection.onClose(() => {
    stream.close().catch((error: unknown) => {
      context.log.warn({ error }, 'a stream was not left in order');
    });
  });
  connection.greet();

  const handle = obey(context, connection, stream, () => {
    stopTimer();
    stopTimer = expireAt(connection);
  });
  const messages = new Allowance(MESSAGES);
  ws.on('message', (data, isBinary) => {
    connection.isAlive = true;
    if (!messages.take()) {
      ws.pause();
      setTimeout(() => {
        ws.resume();
      }, PAUSE_MS).unref();
    }
    handle(readMessage(data, isBinary));
  });
  ws.on('pong', () => {
    connection.isAlive = true;
  });
  ws.resume();

  try {
    if (resume !== undefined) await resumeOne(connection, stream, resume.executionId, resume.lastSeq);
    else await endIfOver(context, connection, stream);
  } catch (error) {
    fail(context, connection, error);
  }
}

function expireAt(connection: Connection): () => void {
  return atMoment(connection.principal.expiresAt, () => {
    connection.end('expired');
  });
}

function fail({ log }: SessionContext, connection: Connection, error: unknown): void {
  if (!connection.isOpen) return;
  log.warn({ error, workflow_id: connection.target.workflowId }, 'a stream could not go on');
  connection.end('failed');
}

/** Its last events may be under way to the live stream still; later they are not. */
const UNDER_WAY_SECONDS = 20;

/**
 * A live stream of an execution that has ended already has nothing to say but that. One that ended while the stream was
 * set up brings its last event by itself.
 */
async function endIfOver(
  { db }: SessionContext,
  connection: Connection,
  stream: FollowedStream,
): Promise<void> {
  const { executionId } = connection.target;
  if (executionId === undefined) return;
  const [head] = await readHeads(db, [executionId]);
  if (head === undefined || head.finishedSecondsAgo === null) return;
  const position =
    stream.position(executionId) ?? (head.finishedSecondsAgo > UNDER_WAY_SECONDS ? Infinity : 0);
  if (position >= head.lastSeq) connection.endIfOver(head);
}

function obey(
  context: SessionContext,
  connection: Connection,
  stream: FollowedStream,
  onRenewed: () => void,
): (message: ReturnType<typeof readMessage>) => void {
  const complaints = new Allowance(COMPLAINTS);
  let resumes = 0;

  const complain = (detail: string): void => {
    if (complaints.take()) connection.complain(detail);
  };

  async function queueResume(work: () => Promise<void>): Promise<void> {
    if (resumes >= MAX_RESUMES) {
      complain(`${MAX_RESUMES} resumes wait already: this one is ignored`);
      return;
    }
    resumes += 1;
    try {
      await work();
    } finally {
      resumes -= 1;
    }
  }

  async function obeyFrame(frame: ClientFrame): Promise<void> {
    if (frame.type === 'auth') {
      const problem = await renew(context, connection, frame.token);
      if (problem === undefined) onRenewed();
      else complain(problem);
      return;
    }
    const { executionId: only } = connection.target;
    if ('execution_id' in frame) {
      const executionId = executionUuid(frame.execution_id);
      if (executionId === undefined || (only !== undefined && executionId !== only)) {
        complain(notHere(frame.execution_id, connection));
        return;
      }
      await queueResume(() => resumeOne(connection, stream, executionId, frame.last_seq));
    } else if (only === undefined) {
      await queueResume(() => resumeAll(connection, stream, frame));
    } else {
      complain('The stream of one execution resumes with execution_id and last_seq');
    }
  }

  return (message) => {
    if (message.kind === 'ping') connection.pong();
    else if (message.kind === 'error') complain(message.detail);
    else {
      obeyFrame(message.frame).catch((error: unknown) => {
        fail(context, connection, error);
      });
    }
  };
}

/** Takes a new token of the same user. Answers with what is wrong with it; the old one stays then. */
async function renew(
  { authenticator }: SessionContext,
  connection: Connection,
  token: string,
): Promise<string | undefined> {
  const outcome = await authenticator.authenticate(token);
  if (outcome.kind !== 'authenticated') return 'auth: Could not validate credentials';
  const { principal } = outcome;
  if (principal.userId !== connection.principal.userId) return 'auth: The token is of another user';
  if (!hasScope(principal, NEEDED_SCOPE)) return `auth: Operation requires '${NEEDED_SCOPE}' scope`;
  connection.principal = principal;
  return undefined;
}

async function resumeOne(
  connection: Connection,
  stream: FollowedStream,
  executionId: string,
  lastSeq: number,
): Promise<void> {
  const outcome = await stream.resume(executionId, lastSeq);
  if (outcome.kind === 'unknown') {
    connection.complain(notHere(toExecutionId(executionId), connection));
    return;
  }
  const { head } = outcome;
  if (outcome.kind === 'beyond') connection.complain(beyondLog(head.executionId, head.lastSeq));
  connection.endIfOver(head);
}

async function resumeAll(
  connection: Connection,
  stream: FollowedStream,
  frame: Extract<ClientFrame, { since: string }>,
): Promise<void> {
  const positions = new Map<string, number>();
  for (const [id, seq] of Object.entries(frame.executions)) {
    const executionId = executionUuid(id);
    if (executionId === undefined) connection.complain(notHere(id, connection));
    else positions.set(executionId, seq);
  }
  const outcome = await stream.resumeAll(new Date(frame.since), positions, (heads) => {
    connection.send({
      type: 'snapshot',
      workflow_id: connection.target.workflowId,
      timestamp: new Date().toISOString(),
      executions: heads.map(({ executionId, status, lastSeq }) => ({
        execution_id: toExecutionId(executionId),
        status,
        last_seq: lastSeq,
      })),
    });
  });
  if (outcome.kind === 'too_many') {
    connection.complain(
      `More than ${MAX_SNAPSHOT} executions changed since ${frame.since}: read them over HTTP and resume from a later moment`,
    );
    return;
  }
  for (const { executionId, lastSeq } of outcome.beyond) connection.complain(beyondLog(executionId, lastSeq));
}

function notHere(id: string, { target }: Connection): string {
  const shown = id.length > 100 ? `${id.slice(0, 100)}…` : id;
  const carries =
    target.executionId === undefined ? `workflow ${target.workflowId}` : toExecutionId(target.executionId);
  return `Execution ${shown} is not on this stream, which carries ${carries}`;
}

function beyondLog(executionId: string, lastSeq: number): string {
  return `last_seq is beyond the log of ${toExecutionId(executionId)}, which ends at ${lastSeq}; the stream goes on live`;
}
