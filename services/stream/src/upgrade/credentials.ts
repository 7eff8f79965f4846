import type { IncomingMessage } from 'node:http';
import {
  type AuthenticationOutcome,
  type Authenticator,
  forbidden,
  type Principal,
  unauthenticated,
} from '@millrace/service-kit';

export const SUBPROTOCOL = 'bearer';
const TOKEN_IN_ADDRESS = /^(access_?|id_?)?token$|^(auth|authorization|bearer|jwt|api_?key)$/i;

/**
 * Who asks for a stream: by `Authorization: Bearer`, by the subprotocols `bearer, <token>`, or by `?ticket=`, in this
 * order. Throws 401, or 403 for a disabled account.
 */
export async function identify(
  authenticator: Authenticator,
  request: IncomingMessage,
  url: URL,
): Promise<Principal> {
  if ([...url.searchParams.keys()].some((name) => TOKEN_IN_ADDRESS.test(name))) {
    throw unauthenticated(
      'A token does not belong in an address, which is logged and shared: send it as Authorization header or as subprotocol "bearer, <token>", or ask POST /api/v1/ws/tickets for a ?ticket=',
    );
  }
  const token = bearerHeader(request) ?? bearerSubprotocol(request);
  if (token !== undefined) return admitted(await authenticator.authenticate(token));
  const ticket = url.searchParams.get('ticket');
  if (ticket === null) throw unauthenticated();
  return admitted(await authenticator.redeemTicket(ticket));
}

function bearerHeader({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

function bearerSubprotocol({ headers }: IncomingMessage): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((word) => word.trim());
  const mark = offered.indexOf(SUBPROTOCOL);
  return mark === -1 ? undefined : offered[mark + 1];
}

function admitted(outcome: AuthenticationOutcome): Principal {
  if (outcome.kind === 'authenticated') return outcome.principal;
  if (outcome.kind === 'disabled') throw forbidden('This account is disabled');
  throw unauthenticated('Could not validate credentials');
}
