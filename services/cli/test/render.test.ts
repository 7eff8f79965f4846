import type { LogEvent } from '@millrace/contracts';
import { expect } from 'chai';
import { EMPTY_BOARD, advance, advanceTransient, readEvent, type Board } from '../src/progress/board.js';
import { boardLines, liveView } from '../src/progress/view.js';
import { styleFor } from '../src/render/style.js';
import { fields, table } from '../src/render/table.js';
import { clean, truncate, width } from '../src/render/text.js';
import { formatDuration } from '../src/render/time.js';
import { event, step, story } from './support/platform.js';

const plain = styleFor({ write: () => undefined }, {});
const boardOf = (frames: ReturnType<typeof story>): Board =>
  frames
    .map(readEvent)
    .filter((read): read is LogEvent => read !== undefined)
    .reduce(advance, EMPTY_BOARD);
const NOW = Date.parse('2026-11-01T12:00:10.000Z');

describe('text', () => {
  it('makes what others wrote harmless', () => {
    expect(clean('a\u{1b}[2Jb\r\nc\td\u{202e}e\u{9b}')).to.equal('a\u{fffd}[2Jb c de\u{fffd}');
  });

  it('counts columns, not code units', () => {
    expect([width('abc'), width('日本'), width('😀'), width('e\u{301}')]).to.deep.equal([3, 4, 2, 1]);
    expect([truncate('abcdef', 4), truncate('日本語', 4), truncate('ab', 2)]).to.deep.equal([
      'abc…',
      '日…',
      'ab',
    ]);
  });

  it('writes durations for people', () => {
    const times = [0, 12.4, 999, 1_234, 59_949, 59_960, 123_000, 3_725_000];
    expect(times.map(formatDuration)).to.deep.equal([
      '0ms',
      '12ms',
      '999ms',
      '1.2s',
      '59.9s',
      '1m 00s',
      '2m 03s',
      '1h 02m',
    ]);
  });
});

describe('tables', () => {
  it('align their columns and end without blanks', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', '日本'],
          ['22', 'x\ny'],
        ],
      ),
    ).to.deep.equal(['ID  NAME', '1   日本', '22  x y']);
    expect(
      fields([
        ['a', '1'],
        ['long', undefined],
        ['bb', '2'],
      ]),
    ).to.deep.equal(['a   1', 'bb  2']);
  });
});

describe('style', () => {
  it('colours a terminal alone, and not under NO_COLOR', () => {
    const terminal = { write: () => undefined, isTTY: true };
    expect(styleFor(terminal, {}).red('x')).to.equal('\u{1b}[31mx\u{1b}[39m');
    expect(styleFor(terminal, { NO_COLOR: '1' }).red('x')).to.equal('x');
    expect(styleFor(terminal, { TERM: 'dumb' }).red('x')).to.equal('x');
    expect(plain.red('x')).to.equal('x');
  });
});

describe('the board', () => {
  it('shows steps with state, duration, attempt and reason', () => {
    const error = { code: 'x', message: 'refused' };
    const board = boardOf([
      ...story('completed').slice(0, 4),
      event(5, 'step_started', step('b', { attempt: 2 })),
      event(
        6,
        'step_retrying',
        step('c', { error, duration_ms: 5, next_attempt: 2, retry_at: '2026-11-01T12:01:00Z', delay_ms: 1 }),
      ),
      event(7, 'step_skipped', step('d', { reason: 'branch' })),
      event(8, 'step_started', step('e', { due_at: '2026-11-01T13:00:00Z' })),
      event(9, 'waiting', { wake_at: '2026-11-01T13:00:00Z', step_ids: ['e'] }),
    ]);

    const lines = boardLines(board, plain, 120, 50, NOW);

    expect(lines).to.deep.equal([
      '◷ waiting  2/1 steps  9.0s  until 2026-11-01T13:00:00Z in e',
      '  ✓ Step a  12ms',
      '  ● Step b  5.0s     attempt 2',
      '  ↻ Step c  5ms      attempt 2 at 2026-11-01T12:01:00Z: refused',
      '  – Step d           branch',
      '  ◷ Step e  2.0s     until 2026-11-01T13:00:00Z',
    ]);
  });

  it('never draws wider than the terminal', () => {
    const board = boardOf([
      event(1, 'started', { worker_id: 'w', steps_total: 1 }),
      event(
        2,
        'step_failed',
        step('x'.repeat(90), {
          error: { code: 'x', message: 'y'.repeat(300) },
          duration_ms: 1,
          handling: 'fail',
        }),
      ),
    ]);

    for (const line of boardLines(board, plain, 60, 50, NOW)) expect(width(line)).to.be.at.most(60);
  });

  it('keeps the unfinished steps in sight when there are too many', () => {
    const frames = [event(1, 'step_started', step('open'))];
    for (let n = 2; n < 40; n += 1)
      frames.push(event(n, 'step_completed', step(`s${n}`, { duration_ms: 1 })));

    const lines = boardLines(boardOf(frames), plain, 80, 10, NOW);

    expect(lines).to.have.length(10);
    expect(lines[1]).to.equal('  … 31 more steps');
    expect(lines.some((line) => line.includes('● Step open'))).to.equal(true);
  });

  it('takes progress from transient frames and ignores events it does not know', () => {
    const board = boardOf([event(1, 'step_started', step('a'))]);
    const { seq: _seq, ...frame } = event(2, 'step_started', { step_id: 'a', progress: 40 });

    expect(advanceTransient(board, { ...frame, type: 'progress' }).rows.get('a')?.progress).to.equal(40);
    expect(readEvent(event(1, 'step_completed', { strange: true }))).to.equal(undefined);
  });
});

describe('the live view', () => {
  it('draws over itself and leaves the last state', () => {
    let screen = '';
    const stderr = { write: (text: string) => (screen += text), isTTY: true, columns: 80, rows: 24 };
    const view = liveView({ stderr }, plain, () => NOW);
    view.remark('Connection lost');
    story('completed').forEach((frame) => view.show(frame));
    view.stop();
    view.stop();

    expect(screen).to.include('Connection lost\n');
    expect(screen.endsWith('\u{1b}[1A\u{1b}[0J✓ completed  1/1 steps  4.0s\n  ✓ Step a  12ms\n')).to.equal(
      true,
    );
  });
});
