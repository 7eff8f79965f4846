import type { Scope } from '@millrace/contracts';
import type { Session } from './session.js';
import { toScopes } from './users.js';

export interface NewStreamTicket {
  /** SHA-256 of the ticket, 32 bytes. */
  ticketHash: Buffer;
  userId: string;
  scopes: readonly Scope[];
  /** When the session that asked for the ticket ends: the socket closes then. */
  sessionExpiresAt: Date;
  /** How long it may be used, in seconds; 30 by default. */
  validSeconds?: number | undefined;
}

export interface ConsumedTicket {
  userId: string;
  scopes: Scope[];
  sessionExpiresAt: Date;
}

/** Tickets that open one stream each, for clients that cannot send a header. */
export interface StreamTicketRepository {
  issue(ticket: NewStreamTicket): Promise<void>;
  /** Uses the ticket up. Undefined when it is unknown, used or expired; of two at once, one gets it. */
  consume(ticketHash: Buffer): Promise<ConsumedTicket | undefined>;
}

export function streamTicketRepository(session: Session): StreamTicketRepository {
  return {
    async issue(ticket) {
      await session.affected(
        `INSERT INTO stream_tickets (ticket_hash, user_id, scopes, session_expires_at, expires_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
        [ticket.ticketHash, ticket.userId, ticket.scopes, ticket.sessionExpiresAt, ticket.validSeconds ?? 30],
      );
    },

    async consume(ticketHash) {
      const [row] = await session.rows<{ user_id: string; scopes: string[]; session_expires_at: Date }>(
        `DELETE FROM stream_tickets WHERE ticket_hash = $1 AND expires_at > now()
         RETURNING user_id, scopes, session_expires_at`,
        [ticketHash],
      );
      return (
        row && {
          userId: row.user_id,
          scopes: toScopes(row.scopes),
          sessionExpiresAt: row.session_expires_at,
        }
      );
    },
  };
}
