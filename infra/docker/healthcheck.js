/**
 * Whether the service of this container is ready: exit code 0 or 1, for HEALTHCHECK and compose.
 *
 * A service with METRICS_PORT answers `/health/ready` there. The others (gateway, stream) answer on PORT, where the
 * API's path works for both.
 */
const { METRICS_PORT, PORT = '8080' } = process.env;
const url = METRICS_PORT
  ? `http://127.0.0.1:${METRICS_PORT}/health/ready`
  : `http://127.0.0.1:${PORT}/api/v1/health/ready`;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) process.stderr.write(`${url} answered ${response.status}: ${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${url}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
