/** So long may the runs of one process work in one turn of the event loop before heartbeats and others get theirs. */
const TURN_MS = 5;

let startedAt: number | undefined;

function endTurn(): void {
  startedAt = undefined;
}

/** Asked again and again by whoever works; the first to ask in a turn begins to count. */
export function isTurnOver(): boolean {
  const now = performance.now();
  if (startedAt === undefined) {
    startedAt = now;
    setImmediate(endTurn);
    return false;
  }
  return now - startedAt > TURN_MS;
}
