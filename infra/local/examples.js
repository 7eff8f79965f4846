/** Puts the examples into a ready platform, one copy for each default user, and runs one before everybody's eyes. */
import { PlainError, reason } from './console.js';
import { describeEvents } from './event-lines.js';
import { readExamples } from './example-files.js';
import { serverSentEvents } from './sse.js';

/** @typedef {(method: string, path: string, body?: unknown) => Promise<{status: number, body: any}>} Call */

const exampleWithinMs = 60_000;

/** All seven agents, some of them side by side: what a newcomer should see first. */
const showcase = 'example-development-pipeline';

/**
 * Creates what is missing; what a user changed or deleted stays so. A platform that refuses is said and no failure:
 * it runs all the same.
 * @param {object} options
 * @param {string} options.url of the platform
 * @param {{ADMIN_PASSWORD: string}} options.secrets
 * @param {import('./console.js').Say} options.say
 * @param {boolean} options.run whether to run one of them
 */
export async function seedAndRunExample({ url, secrets, say, run }) {
  try {
    const examples = await readExamples();
    const first = examples.find(({ id }) => id === showcase) ?? examples[0];
    if (!first) return;
    const token = await logIn(url, secrets.ADMIN_PASSWORD);
    const call = caller(url, token);
    let created = 0;
    for (const { id, definition } of examples) {
      if (await createIfMissing(call, { ...definition, id })) created += 1;
      if (await createIfMissing(call, { ...definition, id: `${id}-user`.slice(0, 64), owner: 'user' }))
        created += 1;
    }
    if (created > 0) say(`Examples: ${created} workflows created (one copy for admin, one for user)`);
    if (run) await runAndShow({ url, token, call, say }, first);
  } catch (error) {
    say(`The examples: ${reason(error)}`);
  }
}

/**
 * @param {string} url
 * @param {string} password
 * @returns {Promise<string>} an access token
 */
async function logIn(url, password) {
  const { status, body } = await caller(url)('POST', '/auth/login/json', { username: 'admin', password });
  if (status === 200) return body.access_token;
  if (status === 401)
    throw new PlainError('not looked after, because the password of admin is no longer the kept one');
  throw new PlainError(`signing in as admin failed: ${body?.detail ?? status}`);
}

/**
 * @param {string} url
 * @param {string} [token]
 * @returns {Call}
 */
function caller(url, token) {
  return async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
}

/**
 * @param {Call} call
 * @param {Record<string, unknown> & {id: string}} definition
 * @returns {Promise<boolean>} whether it was created
 */
async function createIfMissing(call, definition) {
  if ((await call('GET', `/workflows/${definition.id}`)).status !== 404) return false;
  const { status, body } = await call('POST', '/workflows/visual/create', definition);
  if (status === 201) return true;
  // Taken by a deleted one: somebody did not want it.
  if (status === 409) return false;
  throw new PlainError(`${definition.id} was refused: ${body?.detail ?? status}`);
}

/**
 * @param {{url: string, token: string, call: Call, say: import('./console.js').Say}} platform
 * @param {import('./example-files.js').Example} example
 */
async function runAndShow({ url, token, call, say }, { id, name, parameters }) {
  const { status, body } = await call('POST', `/workflows/${id}/execute`, { parameters });
  if (status === 404 || status === 409) return;
  if (status !== 202) throw new PlainError(`${id} was not run: ${body?.detail ?? status}`);
  say(`\nRunning the example "${name}" (${body.execution_id}):`);
  const response = await fetch(`${url}/api/v1/executions/${body.execution_id}/events?after_seq=0`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(exampleWithinMs),
  });
  if (!response.ok || !response.body)
    throw new PlainError(`its events could not be followed (${response.status})`);
  const lineFor = describeEvents();
  for await (const event of serverSentEvents(response.body)) {
    const line = lineFor(event);
    if (line) say(`  ${line}`);
  }
  say('');
}
