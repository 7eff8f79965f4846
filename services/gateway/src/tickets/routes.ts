import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';

export function ticketHandlers({ authenticator }: GatewayContext): Handlers<'createTicket'> {
  return {
    createTicket: async ({ caller }) => {
      const { ticket, expiresInSeconds } = await authenticator.issueTicket(caller);
      return { status: 201, body: { ticket, expires_in: expiresInSeconds } };
    },
  };
}
