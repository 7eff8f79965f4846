import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Queryable } from '@millrace/persistence';
import {
  type Authenticator,
  badRequest,
  type Logger,
  methodNotAllowed,
  unavailable,
} from '@millrace/service-kit';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StreamMetrics } from '../metrics.js';
import type { Seats } from '../seats.js';
import type { StreamSettings } from '../settings.js';
import { parseTarget, unknownAddress } from './address.js';
import { type Admission, authorize } from './authorize.js';
import { SUBPROTOCOL } from './credentials.js';
import { logRefusal, problemFor, type Refusal, refuse, requestIdOf, upgradeRequired } from './refusal.js';

export interface UpgradeContext {
  authenticator: Authenticator;
  db: Queryable;
  log: Logger;
  metrics: StreamMetrics;
  seats: Seats;
  settings: Pick<StreamSettings, 'maxPayloadBytes' | 'upgradeTimeoutMs'>;
  checkOrigin: (request: IncomingMessage) => void;
  /** False before the start and while stopping. */
  isServing: () => boolean;
  /** `leave` gives the socket's seat back; call it when the socket is closed. */
  onSocket: (ws: WebSocket, admission: Admission, leave: () => void) => void;
}

export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Everything before the upgrade. A refusal is a plain HTTP answer with problem details; nothing ever throws. */
export function createUpgradeHandler(context: UpgradeContext): HandleUpgrade {
  const { log, metrics, settings } = context;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: settings.maxPayloadBytes,
    // The token that follows in the offer is no protocol and never echoed.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = checkRequest(context, request);
    const seat = context.seats.take();
    try {
      const decision = authorize(context, request, url, (principal) => {
        seat.assign(principal);
      });
      const admission = await inTime(decision, settings.upgradeTimeoutMs);
      if (socket.destroyed) {
        seat.leave();
        return;
      }
      if (!context.isServing()) throw stopping();
      socket.once('close', seat.leave);
      server.handleUpgrade(request, socket, head, (ws) => {
        context.onSocket(ws, admission, seat.leave);
      });
    } catch (error) {
      seat.leave();
      throw error;
    }
  }

  return (request, socket, head) => {
    const onError = (error: Error): void => {
      log.debug({ error }, 'a connection broke before its upgrade was decided');
      socket.destroy();
    };
    socket.on('error', onError);
    const requestId = requestIdOf(request);
    const answer = (refusal: Refusal): void => {
      metrics.refused(refusal.status);
      refuse(socket, refusal);
    };
    const missing = missingUpgrade(request);
    if (missing !== undefined) {
      answer(upgradeRequired(requestId, missing));
      return;
    }
    upgrade(request, socket, head).then(
      () => {
        socket.off('error', onError);
      },
      (error: unknown) => {
        logRefusal(error, requestId, log);
        answer(problemFor(error, requestId));
      },
    );
  };
}

/** Undefined for a request that is one for a WebSocket of this version. */
function missingUpgrade({ headers, method, url }: IncomingMessage): string | undefined {
  if (method !== 'GET' || parseTarget(url ?? '') === undefined) return undefined;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'Here is a WebSocket: upgrade to websocket';
  if (headers['sec-websocket-version'] !== '13')
    return 'Only version 13 of the WebSocket protocol is spoken here';
  return undefined;
}

const KEY = /^[+/0-9A-Za-z]{22}==$/;

function checkRequest({ isServing, checkOrigin }: UpgradeContext, request: IncomingMessage): URL {
  const url = parseTarget(request.url ?? '');
  if (url === undefined) throw elsewhere(request);
  if (request.method !== 'GET') throw methodNotAllowed(request.method ?? '', ['GET']);
  if (!KEY.test(request.headers['sec-websocket-key'] ?? '')) {
    throw badRequest('Sec-WebSocket-Key is missing or malformed');
  }
  if (!isServing()) throw stopping();
  checkOrigin(request);
  return url;
}

/** A server with an upgrade listener gives it every request that offers one, such as that of `curl --http2`. */
function elsewhere({ headers }: IncomingMessage): Error {
  if (headers.upgrade?.toLowerCase() === 'websocket') return unknownAddress();
  return badRequest(
    'Only upgrades to websocket are possible here: send this request without an Upgrade header',
  );
}

function stopping(): Error {
  return unavailable('This node is not serving live streams at the moment: try again shortly');
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(unavailable('It could not be found out in time whether you may follow this: try again shortly'));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
