import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { noteRequest } from './locals.js';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id: the caller's `X-Request-Id` where it is harmless, else a random one. Echoed in the answer. */
export function requestId(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id');
    const id = given !== undefined && ACCEPTED.test(given) ? given : randomUUID();
    noteRequest(response, id);
    response.setHeader('X-Request-Id', id);
    next();
  };
}
