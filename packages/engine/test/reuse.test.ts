import type { JsonObject, JsonValue } from '@millrace/contracts';
import { expect } from 'chai';
import {
  isPassedByAgain,
  notePast,
  reusableSteps,
  type Past,
  type Plan,
  type ReuseRequest,
} from '../src/index.js';
import { node, planOf } from './support/workflows.js';

const base = (id: string) => ({ step_id: id, step_name: id, kind: 'set', attempt: 1, progress: 0 });
const boom = { code: 'boom', message: 'no' };

function done(id: string, output: JsonValue = `${id}!`, branch?: string) {
  const data = { ...base(id), output, duration_ms: 1, ...(branch !== undefined && { branch }) };
  return { type: 'step_completed', data } as const;
}
const failed = (id: string, handling: 'fail' | 'continue' | 'error' = 'fail') =>
  ({ type: 'step_failed', data: { ...base(id), error: boom, duration_ms: 1, handling } }) as const;
const skipped = (id: string, reason: 'branch' | 'upstream' | 'disabled' | 'join' = 'branch') =>
  ({ type: 'step_skipped', data: { ...base(id), reason } }) as const;
const discarded = (id: string, reason: string) =>
  ({ type: 'step_discarded', data: { ...base(id), reason } }) as const;

type Event = Parameters<typeof notePast>[1];

function past(...events: Event[]): Past {
  const known: Past = new Map();
  for (const event of events) notePast(known, event);
  return known;
}

interface Case extends Partial<Omit<ReuseRequest, 'past' | 'from' | 'edited'>> {
  from: Plan;
  events: Event[];
  edited?: string[];
}

function reused({
  from,
  to = from,
  events,
  edited = [],
  mode = { kind: 'retry' },
  parameters,
}: Case): string[] {
  return reusableSteps({
    ...{ from, to, mode },
    past: past(...events),
    edited: new Set(edited),
    parameters: parameters ?? { before: {}, after: {} },
  }).map(({ step }) => step.id);
}

const chain = (): Plan => planOf([node('a'), node('b'), node('c')], 'a -> b, b -> c');

describe('reuse', () => {
  it('U1 takes over what is not behind a failure', () => {
    const from = planOf([node('a'), node('b'), node('c'), node('x'), node('y')], 'a -> b, b -> c, x -> y');

    expect(reused({ from, events: [done('a'), failed('b'), done('x'), done('y')] })).to.deep.equal([
      'a',
      'x',
      'y',
    ]);
  });

  it('U1 runs again what is behind a step that runs again, though it had finished', () => {
    const from = planOf([node('a'), node('b')], 'a -> b');

    expect(reused({ from, events: [failed('a', 'continue'), done('b')] })).to.deep.equal([]);
  });

  it('U2 answers with outputs, by value and by reference', () => {
    const from = planOf([node('a'), node('b')]);
    const reference = { reference: 'blob_1', size_bytes: 9, content_type: 'application/json' };
    const known = past(done('a', { n: 1 }), {
      type: 'step_reused',
      data: { ...base('b'), output_ref: reference, from_execution: 'exec_0' },
    });

    const steps = reusableSteps({
      ...{ from, to: from, past: known, mode: { kind: 'retry' }, edited: new Set() },
      parameters: { before: {}, after: {} },
    });

    expect(steps.map(({ output, outputRef }) => [output, outputRef])).to.deep.equal([
      [{ n: 1 }, undefined],
      [undefined, reference],
    ]);
  });

  it('U2 leaves steps in bodies to the step that holds them', () => {
    const from = planOf([node('a')]);
    const inner = done('a');

    expect(reused({ from, events: [{ ...inner, data: { ...inner.data, iteration: '0' } }] })).to.deep.equal(
      [],
    );
  });

  it('U2 keeps what somebody skipped by hand, with its output', () => {
    const event = {
      type: 'step_skipped',
      data: { ...base('a'), reason: 'manual', by: 'ada', output: 5 },
    } as const;
    const known = past(event, done('b'));
    const from = planOf([node('a'), node('b')], 'a -> b');

    const steps = reusableSteps({
      ...{ from, to: from, past: known, mode: { kind: 'retry' }, edited: new Set() },
      parameters: { before: {}, after: {} },
    });

    expect(steps.map(({ step, output }) => [step.id, output])).to.deep.equal([
      ['a', 5],
      ['b', 'b!'],
    ]);
  });

  it('U3 a retry repeats handled failures, a rerun keeps those that continued', () => {
    const from = planOf([node('a', { on_error: 'continue' }), node('b'), node('c')], 'a -> b');
    const events = [failed('a', 'continue'), done('b'), done('c')];

    expect(reused({ from, events })).to.deep.equal(['c']);
    expect(reused({ from, events, mode: { kind: 'rerun', fromStep: 'c' } })).to.deep.equal(['a', 'b']);
  });

  it('U3 repeats what was aborted when the execution ended', () => {
    const from = planOf([node('a'), node('b')]);

    expect(reused({ from, events: [done('a'), discarded('b', 'execution_failed')] })).to.deep.equal(['a']);
  });

  it('U4 keeps a branch and what follows it, past what it passed by', () => {
    const from = planOf(
      [node('if', {}, 'condition'), node('yes'), node('no'), node('after'), node('end')],
      'if -true-> yes, if -false-> no, yes -> after, no -> after, after -> end',
    );
    const events = [done('if', true, 'true'), done('yes'), skipped('no'), done('after'), failed('end')];

    expect(reused({ from, events })).to.deep.equal(['if', 'yes', 'after']);
  });

  it('U4 keeps an any join without the losers', () => {
    const from = planOf(
      [node('a'), node('b'), node('any', { join: 'any' }), node('end')],
      'a -> any, b -> any, any -> end',
    );
    const events = [done('a'), discarded('b', 'join'), done('any'), failed('end')];

    expect(reused({ from, events })).to.deep.equal(['a', 'any']);
  });

  it('U4 asks a step with ports again that names no branch', () => {
    const from = planOf([node('if', {}, 'condition'), node('yes')], 'if -true-> yes');

    expect(reused({ from, events: [done('if', null), done('yes')] })).to.deep.equal([]);
  });

  describe('U5 on another version', () => {
    const events = [done('a'), done('b'), failed('c')];
    const cases: [what: string, to: Plan, expected: string[]][] = [
      [
        'keeps what is equal',
        planOf([node('a'), node('b'), node('c', { config: { values: { x: 1 } } })], 'a -> b, b -> c'),
        ['a', 'b'],
      ],
      [
        'repeats what was changed, and what is behind it',
        planOf([node('a', { config: { values: { x: 1 } } }), node('b'), node('c')], 'a -> b, b -> c'),
        [],
      ],
      [
        'repeats a step with another input',
        planOf([node('a'), node('b', { input: 1 }), node('c')], 'a -> b, b -> c'),
        ['a'],
      ],
      [
        'repeats a step with another predecessor',
        planOf([node('a'), node('n'), node('b'), node('c')], 'a -> b, n -> b, b -> c'),
        ['a'],
      ],
      [
        'repeats a step of another kind',
        planOf([node('a'), node('b', { config: { seconds: 1 } }, 'delay'), node('c')], 'a -> b, b -> c'),
        ['a'],
      ],
      ['leaves out a step that is gone', planOf([node('a'), node('c')], 'a -> c'), ['a']],
      [
        'decides a step again that is disabled now',
        planOf([node('a'), node('b', { disabled: true }), node('c')], 'a -> b, b -> c'),
        ['a'],
      ],
      [
        'does not mind labels, limits and retry policies',
        planOf(
          [
            node('a', { label: 'A', timeout_seconds: 3, retry: { max_attempts: 3 }, on_error: 'continue' }),
            node('b'),
            node('c'),
          ],
          'a -> b, b -> c',
        ),
        ['a', 'b'],
      ],
    ];
    for (const [what, to, expected] of cases) {
      it(what, () => {
        expect(reused({ from: chain(), to, events })).to.deep.equal(expected);
      });
    }
  });

  describe('U6 with other parameters', () => {
    const parameters = { before: { url: 'x', n: 1 }, after: { url: 'y', n: 1 } };
    const ofStep = (
      data: Record<string, unknown>,
      type = 'set',
      more: { after?: JsonObject } = {},
    ): boolean => {
      const from = planOf([node('a', data, type)]);
      const branch = type === 'condition' ? 'true' : undefined;
      const changed = { ...parameters, ...more };
      return reused({ from, events: [done('a', 1, branch)], parameters: changed }).length === 1;
    };
    const set = (text: string) => ({ config: { values: { v: text } } });

    it('keeps a step that reads none of those that changed', () => {
      for (const text of [
        'plain',
        '=parameters.n',
        '{{ parameters.n }} of {{ steps.x.output }}',
        '=6 * 7',
        '=$sum([1, 2])',
      ]) {
        expect(ofStep(set(text.replace('{{ steps.x.output }}', ''))), text).to.equal(true);
      }
    });

    it('repeats a step that may have read one', () => {
      for (const text of [
        '=parameters.url',
        'at {{ parameters . url }}',
        '=parameters',
        '=$keys(parameters)',
        '=parameters.*',
        '=$string($)',
        '=$$.n',
        '=*.url',
        '=$lookup(parameters, "n")',
        '=n + $count(**)',
      ]) {
        expect(ofStep(set(text)), text).to.equal(false);
      }
    });

    it('repeats a step whose input is the default one', () => {
      expect(ofStep({ config: { expression: 'steps' } }, 'transform')).to.equal(false);
      expect(ofStep({ config: { expression: 'input' }, input: 4 }, 'transform')).to.equal(true);
      expect(ofStep({ config: { expression: 'parameters.url == "x"' }, input: 4 }, 'condition')).to.equal(
        false,
      );
    });

    it('minds parameters that came or went, and not the order of keys', () => {
      expect(ofStep(set('=parameters.url'), 'set', { after: { n: 1 } })).to.equal(false);
      expect(ofStep(set('=parameters.m'), 'set', { after: { n: 1, url: 'x', m: 2 } })).to.equal(false);
      expect(ofStep(set('=parameters'), 'set', { after: { n: 1, url: 'x' } })).to.equal(true);
    });
  });

  it('U7 a rerun repeats a step and what is behind it', () => {
    const from = planOf([node('a'), node('b'), node('c'), node('d')], 'a -> b, b -> c, a -> d');
    const events = [done('a'), done('b'), done('c'), done('d')];

    expect(reused({ from, events, mode: { kind: 'rerun', fromStep: 'b' } })).to.deep.equal(['a', 'd']);
    expect(reused({ from, events, mode: { kind: 'rerun' } })).to.deep.equal([]);
  });

  it('U7 knows a place to begin at that would be passed by again', () => {
    const from = planOf(
      [node('if', {}, 'condition'), node('yes'), node('no')],
      'if -true-> yes, if -false-> no',
    );
    const known = past(done('if', true, 'true'), done('yes'), skipped('no'));
    const again = (fromStep: string, edited: string[] = []): boolean =>
      isPassedByAgain({
        ...{ from, to: from, past: known, mode: { kind: 'rerun', fromStep }, edited: new Set(edited) },
        parameters: { before: {}, after: {} },
      });

    expect([again('no'), again('no', ['if']), again('yes'), again('if')]).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
  });

  it('U8 repeats a step with an edited input and what is behind it', () => {
    expect(
      reused({ from: chain(), events: [done('a'), done('b'), failed('c')], edited: ['b'] }),
    ).to.deep.equal(['a']);
  });
});
