import { type Principal, rateLimited, unavailable } from '@millrace/service-kit';

const RETRY_SECONDS = 5;

/** A place for one socket, from the first byte of its upgrade until it is closed. */
export interface Seat {
  /** Throws 429 when this user has too many. */
  assign(principal: Principal): void;
  /** May be called twice. */
  leave(): void;
}

export interface Seats {
  /** Throws 503 when the node is full. */
  take(): Seat;
}

export function createSeats({
  maxSockets,
  maxSocketsPerUser,
}: {
  maxSockets: number;
  maxSocketsPerUser: number;
}): Seats {
  const users = new Map<string, number>();
  let taken = 0;
  return {
    take() {
      if (taken >= maxSockets) {
        const detail =
          'This node has as many live streams as it can serve: try again, another node may answer';
        throw unavailable(detail, undefined, RETRY_SECONDS);
      }
      taken += 1;
      let userId: string | undefined;
      let isTaken = true;
      return {
        assign(principal) {
          const own = users.get(principal.userId) ?? 0;
          if (own >= maxSocketsPerUser) {
            throw rateLimited(
              `You have ${own} live streams open here, the most one user may have: close some first`,
              RETRY_SECONDS,
            );
          }
          ({ userId } = principal);
          users.set(userId, own + 1);
        },
        leave() {
          if (!isTaken) return;
          isTaken = false;
          taken -= 1;
          if (userId === undefined) return;
          const own = (users.get(userId) ?? 1) - 1;
          if (own === 0) users.delete(userId);
          else users.set(userId, own);
        },
      };
    },
  };
}
