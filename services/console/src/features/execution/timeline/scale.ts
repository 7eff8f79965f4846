/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Piece extends Span {
  /** Where it begins and how wide it is, as shares of the whole. */
  readonly at: number;
  readonly width: number;
  readonly isGap: boolean;
}

/** From time to place and back. Stretches in which nothing was done are narrow. */
export interface Scale {
  /** 0 is the left end, 1 the right one; times beyond are held there. */
  position(ms: number): number;
  time(position: number): number;
  readonly span: Span;
  /** Where stretches without work were made narrow. */
  readonly gaps: readonly (Span & { readonly at: number; readonly width: number })[];
}

/** What a narrow stretch takes of the whole. */
const GAP_SHARE = 0.03;
/** A stretch without work is made narrow where it is longer than this share of all work. */
const LONG = 0.25;
const LONG_MS = 1_000;

export function createScale(span: Span, busy: readonly Span[], compress: boolean): Scale {
  const pieces = place(compress ? cut(span, merge(span, busy)) : [{ ...span, isGap: false }]);
  return {
    span,
    gaps: pieces.filter(({ isGap }) => isGap),
    position(ms) {
      const found = pieces.find(({ toMs }) => ms <= toMs) ?? pieces.at(-1);
      if (found === undefined) return 0;
      const length = found.toMs - found.fromMs;
      const share = length === 0 ? 0 : (ms - found.fromMs) / length;
      return found.at + Math.min(1, Math.max(0, share)) * found.width;
    },
    time(position) {
      const found = pieces.find(({ at, width }) => position <= at + width) ?? pieces.at(-1);
      if (found === undefined) return span.fromMs;
      const share = found.width === 0 ? 0 : (position - found.at) / found.width;
      return found.fromMs + Math.min(1, Math.max(0, share)) * (found.toMs - found.fromMs);
    },
  };
}

/** The stretches with work inside the span, in order, those that touch as one. */
function merge({ fromMs, toMs }: Span, busy: readonly Span[]): Span[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  const inside = busy
    .map((one) => ({ fromMs: Math.max(fromMs, one.fromMs), toMs: Math.min(toMs, one.toMs) }))
    .filter((one) => one.fromMs <= one.toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  for (const one of inside) {
    const last = merged.at(-1);
    if (last !== undefined && one.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, one.toMs);
    else merged.push(one);
  }
  return merged;
}

type Cut = Span & { readonly isGap: boolean };

function cut(span: Span, busy: readonly Span[]): Cut[] {
  const work = busy.reduce((sofar, { fromMs, toMs }) => sofar + toMs - fromMs, 0);
  const long = Math.max(LONG_MS, work * LONG);
  const pieces: Cut[] = [];
  let at = span.fromMs;
  const add = (toMs: number, isGap: boolean): void => {
    const last = pieces.at(-1);
    if (toMs <= at) return;
    if (last !== undefined && !isGap && !last.isGap) pieces[pieces.length - 1] = { ...last, toMs };
    else pieces.push({ fromMs: at, toMs, isGap });
    at = toMs;
  };
  for (const one of [...busy, { fromMs: span.toMs, toMs: span.toMs }]) {
    add(one.fromMs, one.fromMs - at > long);
    add(one.toMs, false);
  }
  // With nothing but idle time there is nothing to make room for.
  return pieces.some(({ isGap }) => !isGap) ? pieces : [{ ...span, isGap: false }];
}

function place(pieces: readonly Cut[]): Piece[] {
  const gaps = pieces.filter(({ isGap }) => isGap).length;
  const shareOfGaps = Math.min(0.5, gaps * GAP_SHARE);
  const shown = pieces.reduce((sofar, { fromMs, toMs, isGap }) => sofar + (isGap ? 0 : toMs - fromMs), 0);
  let at = 0;
  return pieces.map((piece) => {
    const length = piece.toMs - piece.fromMs;
    const width = piece.isGap
      ? shareOfGaps / gaps
      : shown === 0
        ? (1 - shareOfGaps) / Math.max(1, pieces.length - gaps)
        : (length / shown) * (1 - shareOfGaps);
    const placed = { ...piece, at, width };
    at += width;
    return placed;
  });
}

/** Times to write at the axis, about so many: round ones, or where time is not even those at even places. */
export function ticksOf({ span, gaps, time }: Scale, count: number): number[] {
  const length = span.toMs - span.fromMs;
  if (gaps.length > 0) return Array.from({ length: count }, (_, index) => time(index / count));
  const wanted = length / Math.max(1, count);
  const step = STEPS.find((one) => one >= wanted) ?? wanted;
  const ticks: number[] = [];
  for (let ms = 0; ms <= length && ticks.length <= count; ms += step) ticks.push(span.fromMs + ms);
  return ticks;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000,
] as const;
