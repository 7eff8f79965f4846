/** The services' own rules for the environment, asked before any of them starts. */
import { PlainError } from './console.js';
import { load } from './load.js';

/**
 * In production the secrets are the operator's: missing, default and short ones are refused. Elsewhere the launcher
 * makes what is missing.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{drainSeconds: number}>}
 * @throws {PlainError} naming every variable that has to change
 */
export async function checkConfiguration(env) {
  const kit = await load('@millrace/service-kit');
  const sections = {
    logging: kit.loggingConfig,
    service: kit.serviceConfig,
    http: kit.httpConfig,
    worker: kit.workerConfig,
    outbound: kit.outboundConfig,
    llm: kit.llmConfig,
    ...(env['NODE_ENV'] === 'production' ? { auth: kit.authConfig, accounts: kit.accountsConfig } : {}),
  };
  try {
    return kit.loadConfig(sections, env).service;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConfigError') throw new PlainError(error.message);
    throw error;
  }
}
