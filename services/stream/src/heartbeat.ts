import type { Connection } from './socket/connection.js';

/** Pings every socket; who gave no sign of life since the ping before is dropped without a goodbye. */
export function beat(connections: Iterable<Connection>): void {
  for (const connection of connections) {
    if (!connection.isOpen) continue;
    if (connection.isAlive) {
      connection.isAlive = false;
      connection.ping();
    } else {
      connection.drop('dead');
    }
  }
}
