/** A gateway in a process of its own that kills itself in a crash window: which and when, its parent tells. */
import { createGateway } from '@millrace/gateway';
import { pino } from 'pino';
import { serve } from '../../support/platform.js';
import { type Doom, doom, type DoomedReport } from './doomed.js';

let told: Doom | undefined;
let passed = 0;

function report(message: DoomedReport): void {
  process.send?.(message);
}

const gateway = createGateway({
  log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
  crash(reached) {
    if (reached !== told?.point) return;
    passed += 1;
    if (passed === told.times) process.kill(process.pid, 'SIGKILL');
  },
});
await gateway.start();
process.on('message', (message) => {
  told = doom.parse(message);
  report({ doomed: true });
});
// A parent that is gone kills nobody any more.
process.on('disconnect', () => process.exit(1));
const { url } = await serve(gateway);
report({ url });
