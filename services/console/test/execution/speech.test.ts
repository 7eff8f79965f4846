import type { LogLine, TransientFrame } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { answersIn, wholeSpeech } from '@/features/execution/inspector/answers';
import { hasHole } from '@/features/execution/inspector/logs';
import { addToStreams, createStreams, type Speech } from '@/features/execution/live/streams';

const token = (text: string): TransientFrame => ({
  ...{ type: 'token', execution_id: 'exec_1', workflow_id: 'w', timestamp: '2026-11-30T12:00:00.000Z' },
  data: { step_id: 'ask', attempt: 1, phase: 'answer', text },
});
const line = (number: number, message = 'x', attempt = 1): LogLine => ({
  ...{ step_id: 'ask', attempt, line: number, level: 'debug', message },
  timestamp: '2026-11-30T12:00:00.000Z',
});
const said = (text: string, rest: Partial<Speech> = {}): Speech => ({
  ...{ attempt: 1, phase: 'answer', participant: undefined, round: undefined, turn: undefined, text },
  ...rest,
});

/** What is known of the step `ask` when it began at `startedAtMs` and the words came by these connections. */
function heard(startedAtMs: number, ...words: readonly (readonly [connection: number, text: string])[]) {
  const streams = createStreams();
  for (const [connection, text] of words) {
    const hearing = { connection, sinceMs: connection * 1_000, startedAtMs: () => startedAtMs };
    addToStreams(streams, [token(text)], hearing);
  }
  return streams
    .getState()
    .get('ask')
    ?.speech.map(({ text, isAfterGap = false }) => [text, isAfterGap]);
}

describe('what a model says', () => {
  it('is one text as long as nothing came between', () => {
    expect(heard(1_500, [1, 'Hello '], [1, 'world'])).toEqual([['Hello world', false]]);
  });
  it('does not run on over words that were missed', () => {
    expect(heard(1_500, [1, 'Hello '], [2, 'day'], [2, '!'])).toEqual([
      ['Hello ', false],
      ['day!', true],
    ]);
  });
  it('may have begun before somebody came', () => {
    expect(heard(500, [1, 'world'])).toEqual([['world', true]]);
  });
  it('is what the log has as soon as that has it, where it was not heard as a whole', () => {
    const broken = [said('Hello '), said('day!', { isAfterGap: true })];
    const logged = answersIn(
      [
        line(1, '{"event":"prompt","phase":"answer"}'),
        line(2, '{"event":"answer","phase":"answer","text":"Hello good day!"}'),
        line(3, 'an "answer" that is no JSON'),
      ],
      1,
    );
    expect(wholeSpeech(broken, [])).toEqual(broken);
    expect(wholeSpeech(broken, logged).map(({ text }) => text)).toEqual(['Hello good day!']);
    expect(wholeSpeech([said('Hello good')], logged).map(({ text }) => text)).toEqual(['Hello good day!']);
    expect(wholeSpeech([], logged).map(({ text }) => text)).toEqual(['Hello good day!']);
    expect(wholeSpeech([said('Hello good day! And more')], logged).map(({ text }) => text)).toEqual([
      'Hello good day! And more',
    ]);
  });
});

describe('a log with a hole', () => {
  it('is one where lines of an attempt are missing between others or at its beginning', () => {
    expect(hasHole([line(1), line(2), line(1, 'x', 2)])).toBe(false);
    expect([hasHole([line(1), line(3)]), hasHole([line(2)]), hasHole([line(1), line(2, 'x', 2)])]).toEqual([
      ...[true, true, true],
    ]);
  });
});
