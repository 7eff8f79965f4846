import type * as z from 'zod';
import * as sections from './sections.js';
import { variableNotes } from './variable.js';

/** One row of the configuration table that README shows. */
export interface Setting {
  readonly name: string;
  /** The concern that reads it first, as in `http`. */
  readonly section: string;
  /** As written in a shell; undefined where nothing is assumed. */
  readonly default: string | undefined;
  readonly meaning: string;
  readonly secret: boolean;
}

const variablesBySection: Readonly<Record<string, { readonly shape: z.core.$ZodShape }>> = {
  http: sections.httpVariables,
  console: sections.consoleVariables,
  service: sections.serviceVariables,
  logging: sections.loggingVariables,
  database: sections.databaseVariables,
  redis: sections.redisVariables,
  auth: sections.authVariables,
  secrets: sections.secretsVariables,
  accounts: sections.accountsVariables,
  worker: sections.workerVariables,
  outbound: sections.outboundVariables,
  callbacks: sections.callbackVariables,
  llm: sections.llmVariables,
  tools: sections.toolsVariables,
  local: sections.localVariables,
};

/** Every environment variable the platform reads, each once, made from the schemas that read them. */
export const SETTINGS: readonly Setting[] = Object.entries(variablesBySection)
  .flatMap(([section, { shape }]) =>
    Object.entries(shape).map(([name, schema]) => describe(section, name, schema)),
  )
  .filter((setting, index, all) => all.findIndex(({ name }) => name === setting.name) === index);

function describe(section: string, name: string, schema: z.core.$ZodType): Setting {
  const notes = variableNotes.get(schema);
  if (notes === undefined)
    throw new Error(`${name} has no notes: make it with optional, required or withDefault`);
  return { name, section, default: notes.default, meaning: notes.meaning, secret: notes.secret ?? false };
}
