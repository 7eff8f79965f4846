import { type ServerProcess, startServerProcess } from './process.js';

/** `/arrays`, `/keys`, `/escapes`, `/deep` and `/rows` are 5 MB of JSON, `/gzip-bomb` is 200 MB, `/drip` never ends. */
export function startHostileTarget(): Promise<ServerProcess> {
  return startServerProcess('./hostile-http-server.ts');
}
