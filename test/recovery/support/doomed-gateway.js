/**
 * A gateway in a process of its own that kills itself in a crash window: which and when, its parent tells. Plain
 * JavaScript, for so many are started that compiling what is built already would take most of the time.
 */
import { createServer } from 'node:http';
import { createGateway } from '@millrace/gateway';
import { pino } from 'pino';

/** @type {import('./doomed.js').Doom | undefined} */
let doom;
let passed = 0;

const gateway = createGateway({
  log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
  crash(reached) {
    if (reached !== doom?.point) return;
    passed += 1;
    if (passed === doom.times) process.kill(process.pid, 'SIGKILL');
  },
});
await gateway.start();
process.on('message', (/** @type {import('./doomed.js').Doom} */ told) => {
  doom = told;
  report({ doomed: true });
});
// A parent that is gone kills nobody any more.
process.on('disconnect', () => process.exit(1));
const server = createServer(gateway.app).listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    report({ url: `http://127.0.0.1:${String(address.port)}` });
});

/** @param {import('./doomed.js').DoomedReport} message */
function report(message) {
  process.send?.(message);
}
