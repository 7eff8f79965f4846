/**
 * A worker process whose executions stand still at given places, each for itself, until it is killed: so one
 * `kill -9` kills it in the middle of a hundred executions, each at another step. Told what to do by its parent.
 */
import { appendEvents } from '@millrace/persistence';
import type { AppendRequest, Claim, Runtime, WorkerDoor } from '@millrace/runtime';
import { startEngine } from '../../support/engine.js';
import { PART_SIZE } from './all-kinds.js';
import { type Address, addressOf, type Cut, nameOf, placeOf, type Report } from './cuts.js';
import { victimSettings } from './victims.js';

const settings = victimSettings.parse(JSON.parse(process.env['VICTIM'] ?? ''));
const engine = await startEngine({
  database: { url: settings.databaseUrl, drop: () => Promise.resolve() },
  ...(settings.redis && { redis: settings.redis }),
});
const door = engine.runtime.worker;
const cuts = new Map<string, Cut>();

const claims = new Map<string, Pick<Claim, 'isRecovered'> & { address: Address }>();

function report(message: Report): void {
  process.send?.(message);
}

/** The cut that one of these places is, for this execution. */
function cutAt(executionId: string, places: readonly string[]): Cut | undefined {
  const claim = claims.get(executionId);
  if (claim === undefined) return undefined;
  const { again } = settings;
  if (again !== undefined && claim.isRecovered) {
    return { ...claim.address, place: places.join(', '), fate: again };
  }
  const names = places.map((place) => nameOf({ ...claim.address, place }));
  return names.map((name) => cuts.get(name)).find((cut) => cut !== undefined);
}

/** Never resolves: what comes next, this process does not live to see. */
async function die(executionId: string, cut: Cut, commit: () => Promise<unknown>): Promise<never> {
  if (cut.fate === 'committed') await commit();
  report({ held: executionId, cut });
  return new Promise<never>(() => undefined);
}

/** As the appender writes it, and nothing of what follows: neither published nor told to anybody. */
async function write(request: AppendRequest): Promise<void> {
  const events = request.events.map(({ type, data }) => ({ type, data: JSON.stringify(data) }));
  await appendEvents(engine.pool, [
    { ...request, events, usage: request.usage && JSON.stringify(request.usage) },
  ]);
}

const victimDoor: WorkerDoor = {
  ...door,
  async claim(workerId, executionId) {
    const answer = await door.claim(workerId, executionId);
    if (answer.kind === 'claimed') {
      const { isRecovered } = answer.claim;
      claims.set(executionId, { isRecovered, address: addressOf(answer.claim) });
    }
    return answer;
  },
  append(request, signal) {
    const cut = cutAt(request.executionId, request.events.map(placeOf));
    if (cut === undefined) return door.append(request, signal);
    return die(request.executionId, cut, () => write(request));
  },
  async readSignals(executionId, after, signal) {
    const signals = await door.readSignals(executionId, after, signal);
    const places = signals.map(({ kind }) => `read ${kind}`);
    const cut = settings.again === undefined ? cutAt(executionId, places) : undefined;
    return cut === undefined ? signals : die(executionId, cut, () => Promise.resolve());
  },
  openWaits(execution, waits, signal) {
    const open = (): Promise<void> => door.openWaits(execution, waits, signal);
    const cut = cutAt(
      execution.executionId,
      waits.map(({ stepId }) => `wait ${stepId}`),
    );
    return cut === undefined ? open() : die(execution.executionId, cut, open);
  },
  startChildren(parent, requests, signal) {
    const { executionId } = parent;
    const half = cutAt(
      executionId,
      requests.map(({ stepId }) => `half ${stepId}`),
    );
    if (half !== undefined) {
      return die(executionId, half, () => door.startChildren(parent, requests.slice(0, 1), signal));
    }
    const start = (): ReturnType<WorkerDoor['startChildren']> => door.startChildren(parent, requests, signal);
    const cut = cutAt(
      executionId,
      requests.map(({ stepId, slot }) => `child ${stepId}.${String(slot)}`),
    );
    return cut === undefined ? start() : die(executionId, cut, start);
  },
};

process.on('message', (told: readonly Cut[]) => {
  for (const cut of told) cuts.set(nameOf(cut), cut);
  report({ ready: true });
});
// A parent that is gone kills nobody any more.
process.on('disconnect', () => process.exit(1));

const runtime: Runtime = { ...engine.runtime, worker: victimDoor };
await engine.startWorker({
  runtime,
  concurrency: 2_000,
  allow: [settings.allow],
  run: {
    // Far less than `nap` sleeps: how busy this machine is must not decide whether it keeps its slot.
    shortWaitMs: 200,
    loops: { maxItems: 1_000, partSize: PART_SIZE, maxIterations: 2_000 },
  },
});
report({ ready: true });
