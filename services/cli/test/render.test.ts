import type { JsonObject, LogEvent } from '@millrace/contracts';
import { expect } from 'chai';
import { EMPTY_BOARD, advance, advanceTransient, readEvent, type Board } from '../src/progress/board.js';
import { ownersIn } from '../src/progress/owners.js';
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

describe('the board of bodies, waits and failures', () => {
  const lines = (board: Board): string[] => boardLines(board, plain, 120, 50, NOW);
  const loop = (count?: number) => ({ loop: { concurrency: 2, ...(count !== undefined && { count }) } });
  const error = { code: 'x', message: 'refused' };

  it('shows the steps of a body below their owner, all iterations in one line', () => {
    const board = boardOf([
      event(1, 'step_started', step('m', loop(40))),
      event(2, 'step_started', step('z')),
      event(3, 'step_completed', step('z', { duration_ms: 1 })),
      event(4, 'step_started', step('price', { iteration: '0' })),
      event(5, 'step_started', step('price', { iteration: '1' })),
      event(6, 'step_completed', step('price', { iteration: '0', duration_ms: 1 })),
      event(7, 'step_failed', step('price', { iteration: '1', duration_ms: 1, error, handling: 'continue' })),
      event(8, 'step_started', step('price', { iteration: '2' })),
    ]);

    expect(lines(board)).to.deep.equal([
      '○ queued  1/2 steps',
      '  ● Step m        9.0s     40 items',
      '  ●   Step price  6.0s     2/40 (1 failed)  [1] refused (handled: continue)',
      '  ✓ Step z        1ms',
    ]);
  });

  it('adds up nested ones, and takes the owner from the definition', () => {
    const owners = ownersIn([
      nodeWith('outer', [nodeWith('inner', [{ id: 'leaf' }])]),
      nodeWith('other', [{ id: 'its' }]),
    ]);
    const board = [
      event(1, 'step_started', step('outer', loop(2))),
      event(2, 'step_started', step('other', loop())),
      event(3, 'step_started', step('inner', { iteration: '0', ...loop(3) })),
      event(4, 'step_started', step('inner', { iteration: '1', ...loop(4) })),
      event(5, 'step_skipped', step('leaf', { iteration: '1.0', reason: 'branch' })),
      event(6, 'step_started', step('its', { iteration: '0' })),
    ]
      .map(readEvent)
      .reduce<Board>((so, read) => (read ? advance(so, read) : so), { ...EMPTY_BOARD, owners });

    expect(
      lines(board).map((line) =>
        line
          .slice(4)
          .replace(/ +[\d.]+m?s */, '  ')
          .trimEnd(),
      ),
    ).to.deep.equal([
      'eued  0/2 steps',
      'Step outer  2 items',
      '  Step inner  0/2',
      '    Step leaf  1/7',
      'Step other',
      '  Step its  0',
    ]);
  });

  it('guesses the owner where no definition is known', () => {
    const board = boardOf([
      event(1, 'step_started', step('m', loop(2))),
      event(2, 'step_started', step('in', { iteration: '0' })),
    ]);

    expect(board.rows.get('in')?.owner).to.equal('m');
  });

  it('says what is waited for, and what to do about it', () => {
    const approval = {
      type: 'approval',
      message: 'Ship?',
      approvers: ['ada'],
      required: 1,
      exclude_submitter: false,
    };
    const board = boardOf([
      event(1, 'step_started', step('a', { wait: approval, due_at: '2026-11-01T13:00:00Z' })),
      event(2, 'step_started', step('b', { wait: { type: 'event', name: 'paid', key: "it's" } })),
      event(
        3,
        'step_started',
        step('c', { wait: { type: 'child', workflow_id: 'bill', parameters: {}, detached: false } }),
      ),
      event(4, 'step_started', step('d')),
      event(5, 'step_waiting', step('d', { wait: { type: 'verdict', message: 'Was it sent?' } })),
    ]);

    const notes = [...board.rows.values()].map(({ status, note }) => `${status} ${note ?? ''}`);
    expect(notes).to.deep.equal([
      'waiting for approval by ada: Ship? (millrace approvals decide …), until 2026-11-01T13:00:00Z',
      String.raw`waiting for an event (millrace send-event paid --key 'it'\''s')`,
      'waiting for an execution of bill',
      'waiting for somebody who knows what became of it: Was it sent? (millrace approvals decide …)',
    ]);
  });

  it('tells turns and parts', () => {
    const board = boardOf([
      event(1, 'step_started', step('r', loop())),
      event(2, 'step_iterating', step('r', { index: 1 })),
      event(3, 'step_started', step('m', { loop: { concurrency: 2, count: 600, shard_size: 256 } })),
    ]);
    const after = advance(board, readEvent(event(4, 'step_part_ended', step('m', { part: 0 }))) ?? never());

    expect([...board.rows.values()].map(({ note }) => note)).to.deep.equal([
      'turn 2',
      '600 items in 3 parts',
    ]);
    expect(after.rows.get('m')).to.include({ status: 'running', note: 'part 1 completed' });
  });

  it('counts no steps of on_failure, and tells what became of it', () => {
    const frames = [
      event(1, 'started', { worker_id: 'w', steps_total: 1 }),
      event(2, 'step_failed', step('a', { error, duration_ms: 1, handling: 'fail' })),
      event(3, 'failing', { status: 'failed', error }),
      event(4, 'step_completed', step('undo', { duration_ms: 1 })),
    ];
    const failing = boardOf(frames);
    const failed = boardOf([...frames, event(5, 'failed', { error, on_failure: { ok: true } })]);

    expect(lines(failing)[0]).to.equal('● running  1/1 steps  on_failure runs, then failed: refused');
    expect(failed.note).to.equal('refused; on_failure completed');
  });

  it('tells of each event which iteration it is about', () => {
    const board = boardOf([
      event(1, 'step_started', step('m', loop(2))),
      event(2, 'step_completed', step('in', { iteration: '1', duration_ms: 3 })),
    ]);

    expect(board.latest).to.include({ name: 'Step in [1]', status: 'completed', durationMs: 3 });
    expect(boardOf([event(1, 'step_started', step('a')), event(2, 'paused', { by: 'ada' })]).latest).to.equal(
      undefined,
    );
  });
});

const nodeWith = (id: string, nodes: JsonObject[]) => ({ id, data: { config: { body: { nodes } } } });
function never(): never {
  throw new Error('the event cannot be read');
}

describe('the live view', () => {
  it('draws over itself and leaves the last state', () => {
    let screen = '';
    const stderr = { write: (text: string) => (screen += text), isTTY: true, columns: 80, rows: 24 };
    const view = liveView({ stderr }, plain, { now: () => NOW });
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
