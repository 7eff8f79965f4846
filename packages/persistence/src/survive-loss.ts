import type { EventEmitter } from 'node:events';

/**
 * Lets a connection break without ending the process. Its statements are told in any case; but the loss is reported on
 * the connection as well, and that may happen in the very packet that admits it, before anyone who awaited it can listen.
 */
export function surviveLoss(connection: Pick<EventEmitter, 'on'>): void {
  connection.on('error', () => undefined);
}
