import type { LogLine, TransientFrame } from '@millrace/contracts';
import * as z from 'zod';
import { createStore, type StoreApi } from 'zustand';
import { stepKey } from './view';

/** A stretch of what a model said, in one phase of its work. */
export interface Speech {
  readonly attempt: number;
  readonly phase: string | undefined;
  readonly participant: string | undefined;
  readonly round: number | undefined;
  readonly turn: number | undefined;
  readonly text: string;
  /** What was said before it was not heard: the socket was away, or the page was not open yet. */
  readonly isAfterGap?: boolean;
}

/** What a step told while it was watched. Any of it may be missing: it is a convenience, the log is the record. */
export interface StepStream {
  readonly progress: { readonly percent: number; readonly message: string | undefined } | undefined;
  readonly speech: readonly Speech[];
  /** The connection that the last words came by. */
  readonly heardBy: number;
  readonly lines: readonly LogLine[];
}

export type Streams = StoreApi<ReadonlyMap<string, StepStream>>;

export const NO_STREAM: StepStream = { progress: undefined, speech: [], heardBy: 0, lines: [] };

const MAX_LINES = 5_000;
const MAX_SPEECH_CHARACTERS = 400_000;

const place = { step_id: z.string(), attempt: z.number(), iteration: z.string().optional() };
const progressData = z.object({ ...place, progress: z.number(), message: z.string().optional() });
const tokenData = z.object({
  ...place,
  text: z.string(),
  phase: z.string().optional(),
  participant: z.string().optional(),
  round: z.number().optional(),
  turn: z.number().optional(),
});
const logData = z.object({
  ...place,
  line: z.number(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
});

export const createStreams = (): Streams => createStore(() => new Map());

/** The connection that frames come by, counted from 1, and since when, by the server's clock. */
export interface Hearing {
  readonly connection: number;
  readonly sinceMs: number;
  /** When a step began its attempt. */
  startedAtMs(key: string): number;
}

/** Adds frames in one change. What is not understood is passed over. */
export function addToStreams(streams: Streams, frames: readonly TransientFrame[], hearing: Hearing): void {
  if (frames.length === 0) return;
  const after = new Map(streams.getState());
  for (const frame of frames) {
    const { step_id: id, iteration } = frame.data;
    if (typeof id !== 'string') continue;
    const key = stepKey(id, typeof iteration === 'string' ? iteration : null);
    after.set(
      key,
      added(after.get(key) ?? NO_STREAM, frame, { ...hearing, startedAtMs: hearing.startedAtMs(key) }),
    );
  }
  streams.setState(after, true);
}

type HearingOfStep = Omit<Hearing, 'startedAtMs'> & { readonly startedAtMs: number };

function added(
  stream: StepStream,
  { type, data, timestamp }: TransientFrame,
  { connection, sinceMs, startedAtMs }: HearingOfStep,
): StepStream {
  switch (type) {
    case 'progress': {
      const read = progressData.safeParse(data);
      if (!read.success) return stream;
      return { ...stream, progress: { percent: read.data.progress, message: read.data.message } };
    }
    case 'log': {
      const read = logData.safeParse(data);
      if (!read.success) return stream;
      const { iteration, ...line } = read.data;
      const full: LogLine = { ...line, timestamp, ...(iteration !== undefined && { iteration }) };
      return { ...stream, lines: [...stream.lines, full].slice(-MAX_LINES) };
    }
    case 'token': {
      const read = tokenData.safeParse(data);
      if (!read.success) return stream;
      const isAfterGap = stream.heardBy !== connection && startedAtMs < sinceMs;
      return { ...stream, speech: spoken(stream.speech, read.data, isAfterGap), heardBy: connection };
    }
  }
}

function spoken(
  speech: readonly Speech[],
  said: z.infer<typeof tokenData>,
  isAfterGap: boolean,
): readonly Speech[] {
  const { attempt, phase, participant, round, turn, text } = said;
  // An attempt begins anew; what the one before it said is in its record.
  const before = speech.at(-1)?.attempt === attempt ? speech : [];
  const next: Speech = { attempt, phase, participant, round, turn, text, ...(isAfterGap && { isAfterGap }) };
  const at = before.findLastIndex((one) => isSameSource(one, next));
  const last = before.at(-1);
  if (at < 0 || isAfterGap || (last !== undefined && last.phase !== phase)) return [...before, next];
  return before.map((one, index) =>
    index === at ? { ...one, text: (one.text + text).slice(-MAX_SPEECH_CHARACTERS) } : one,
  );
}

export const isSameSource = (a: Speech, b: Speech): boolean =>
  a.attempt === b.attempt &&
  a.phase === b.phase &&
  a.participant === b.participant &&
  a.round === b.round &&
  a.turn === b.turn;
