import type { LogLine } from '@millrace/contracts';
import * as z from 'zod';
import { isSameSource, type Speech } from '../live/streams';

const answerLine = z.object({
  event: z.literal('answer'),
  text: z.string(),
  phase: z.string().optional(),
  participant: z.string().optional(),
  round: z.number().optional(),
  turn: z.number().optional(),
});

/** What the models of this attempt answered, as the step's log has it. */
export function answersIn(lines: readonly LogLine[], attempt: number): readonly Speech[] {
  return lines.flatMap((line) => {
    if (line.attempt !== attempt || !line.message.includes('"answer"')) return [];
    const read = answerLine.safeParse(parse(line.message));
    if (!read.success) return [];
    const { text, phase, participant, round, turn } = read.data;
    return [{ attempt, phase, participant, round, turn, text }];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What was said, from what was heard live and what is in the log: the log has each answer when it is complete, and has it
 * cut where it is very long. What was heard may lack words in between, and its last ones, which an end of the execution
 * overtakes. So what was heard without a gap stands where it is longer, and for all else the log does.
 */
export function wholeSpeech(heard: readonly Speech[], logged: readonly Speech[]): readonly Speech[] {
  const all = [...logged, ...heard];
  const sources = all.filter((one, index) => all.findIndex((other) => isSameSource(one, other)) === index);
  return sources.flatMap((source) => {
    const ofSource = (one: Speech): boolean => isSameSource(one, source);
    const [live, recorded] = [heard.filter(ofSource), logged.filter(ofSource)];
    const isWhole = live.every(({ isAfterGap = false }) => !isAfterGap);
    return recorded.length === 0 || (isWhole && lengthOf(live) > lengthOf(recorded)) ? live : recorded;
  });
}

const lengthOf = (speech: readonly Speech[]): number =>
  speech.reduce((sum, { text }) => sum + text.length, 0);
