import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Request } from 'express';

/** A file of the built console, and how to send it. */
export interface ConsoleFile {
  /** Below the folder: what is sent. */
  readonly sent: string;
  /** Of the file that was asked for; the sent one may be its compressed sibling. */
  readonly extension: string;
  readonly encoding: 'br' | 'gzip' | undefined;
}

/** Made by the build beside what they are of; the smaller one first. */
const SIBLINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/**
 * Names that a build gives, segment by segment. None begins with a dot, and an escaped character is no name at all, so
 * that no address leads out of the folder.
 */
const FILE = /^(?:\/(?!\.)[\w.~@!'()-]+)+$/;

/** Undefined where the address names no file. The page itself is none: it is never sent as it is. */
export async function findFile(folder: string, request: Request): Promise<ConsoleFile | undefined> {
  if (!FILE.test(request.path) || request.path === '/index.html') return undefined;
  const name = request.path.slice(1);
  const file = { sent: name, extension: path.extname(name), encoding: undefined };
  if (!(await isFile(path.join(folder, name)))) return undefined;
  for (const [encoding, ending] of SIBLINGS) {
    const isAccepted = request.acceptsEncodings(encoding) !== false;
    if (isAccepted && (await isFile(path.join(folder, name + ending)))) {
      return { ...file, sent: name + ending, encoding };
    }
  }
  return file;
}

async function isFile(location: string): Promise<boolean> {
  return stat(location).then(
    (found) => found.isFile(),
    () => false,
  );
}
