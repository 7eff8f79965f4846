import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { parseAddress } from './address.js';
import { fail } from './errors.js';
import type { Guard } from './guard.js';
import type { Resolve } from './types.js';

/** Of one answer as it travels, framing included: more than twice what a body may have at most. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

/** The operating system's resolver: hosts file, search domains and DNS, as every other program sees them. */
export const resolveWithSystem: Resolve = (hostname) =>
  new Promise((done, refuse) => {
    systemLookup(hostname, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error) refuse(error);
      else done(addresses);
    });
  });

/** The addresses of a name that may be connected to; throws the first refusal when none may. */
async function permittedAddresses(
  guard: Guard,
  resolve: Resolve,
  hostname: string,
  port: number,
): Promise<LookupAddress[]> {
  const addresses = await resolve(hostname);
  let refusal: Error | undefined;
  const permitted = addresses.filter(({ address }) => {
    try {
      guard.checkAddress(hostname, port, address);
      return true;
    } catch (error) {
      refusal ??= error instanceof Error ? error : new Error(String(error));
      return false;
    }
  });
  if (permitted.length > 0) return permitted;
  throw refusal ?? fail('dns_failed', `${hostname} has no address`);
}

function guardedLookup(guard: Guard, resolve: Resolve, port: number): LookupFunction {
  return (hostname, options, callback) => {
    permittedAddresses(guard, resolve, hostname, port).then(
      (addresses) => {
        const wanted = addresses.filter(({ family }) => !options.family || options.family === family);
        const [first] = wanted;
        if (!first) callback(fail('dns_failed', `${hostname} has no address of the wanted family`), '', 0);
        else if (options.all) callback(null, wanted);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), '', 0);
      },
    );
  };
}

/**
 * Ends a connection on which one answer brings more bytes than any answer may: status lines, chunk extensions and the
 * like are parsed away without being counted as a body or headers. A request that is written begins a new count.
 */
function limitAnswers(socket: Socket, maxBytes: number): void {
  let written = -1;
  let readBefore = 0;
  socket.on('readable', () => {
    if (socket.bytesWritten !== written) {
      written = socket.bytesWritten;
      readBefore = socket.bytesRead - socket.readableLength;
    }
    if (socket.bytesRead - readBefore <= maxBytes) return;
    socket.destroy(fail('response_too_large', `The answer takes more than ${String(maxBytes)} bytes`));
  });
}

/**
 * An undici agent that judges the address inside the connect itself: the address that was checked is the one the
 * socket dials, so a name that answers differently the second time (DNS rebinding) gains nothing. The address the
 * socket really reached is judged once more before a byte is written.
 */
export function createGuardedAgent(guard: Guard, resolve: Resolve, connectTimeoutMs: number): Agent {
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number): buildConnector.connector => {
    const known = connectors.get(port);
    if (known) return known;
    const made = buildConnector({ timeout: connectTimeoutMs, lookup: guardedLookup(guard, resolve, port) });
    connectors.set(port, made);
    return made;
  };

  return new Agent({
    maxHeaderSize: 64 * 1024,
    // The request's own deadline governs; undici's silent defaults would cut a long answer before it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(options, callback) {
      const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
      try {
        // A literal address never reaches the lookup.
        if (parseAddress(options.hostname)) guard.checkAddress(options.hostname, port, options.hostname);
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)), null);
        return;
      }
      connectorFor(port)(options, (...[error, socket]) => {
        if (error || !socket) {
          callback(error ?? new Error('No socket'), null);
          return;
        }
        try {
          guard.checkAddress(options.hostname, port, socket.remoteAddress ?? '');
          limitAnswers(socket, MAX_ANSWER_BYTES);
          callback(null, socket);
        } catch (refusal) {
          socket.destroy();
          callback(refusal instanceof Error ? refusal : new Error(String(refusal)), null);
        }
      });
    },
  });
}
