/** Waiting for the platform to be ready. */
import { delay } from './processes.js';

/**
 * The address a person on this machine uses: a wildcard is no address to go to.
 * @param {string} host
 * @param {number} port
 */
export function localAddress(host, port) {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/**
 * Polls the health endpoint until it is ready (200) and sees a worker, if any is to be expected.
 * @param {string} url of the platform
 * @param {object} options
 * @param {number} options.timeoutMs
 * @param {number} options.workers how many were started
 * @param {() => string | undefined} options.hopeless a reason to wait no longer
 * @returns {Promise<string | undefined>} nothing when ready, otherwise what was missing
 */
export async function waitUntilReady(url, { timeoutMs, workers, hopeless }) {
  const deadline = performance.now() + timeoutMs;
  let missing = 'no answer yet';
  while (performance.now() < deadline) {
    const reason = hopeless();
    if (reason) return reason;
    missing = await missingFor(url, workers);
    if (missing === '') return undefined;
    await delay(100);
  }
  return missing;
}

/**
 * @param {string} url
 * @param {number} workers
 */
async function missingFor(url, workers) {
  try {
    const response = await fetch(`${url}/api/v1/health`, { signal: AbortSignal.timeout(5_000) });
    /** @type {any} */
    const health = await response.json();
    if (response.status !== 200) return `the health endpoint answers ${response.status}`;
    return workers === 0 || health.components?.workers?.status === 'ok' ? '' : 'no worker has reported yet';
  } catch {
    return 'no answer from the gateway yet';
  }
}
