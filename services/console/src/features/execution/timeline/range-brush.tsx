import { Slider } from 'radix-ui';
import type { Span } from './scale';

interface RangeBrushProps {
  whole: Span;
  range: Span;
  /** Undefined shows everything again. */
  onRange: (range: Span | undefined) => void;
  /** Where there was work, in shares of the whole, as a picture under the handles. */
  bars: readonly { readonly from: number; readonly to: number; readonly failed: boolean }[];
}

const STEPS = 1_000;

/** The whole execution in a strip; two handles choose the part that the timeline shows. */
export function RangeBrush({ whole, range, onRange, bars }: RangeBrushProps) {
  const length = Math.max(1, whole.toMs - whole.fromMs);
  const share = (ms: number): number => Math.round(((ms - whole.fromMs) / length) * STEPS);
  return (
    <Slider.Root
      min={0}
      max={STEPS}
      minStepsBetweenThumbs={5}
      value={[share(range.fromMs), share(range.toMs)]}
      onValueChange={([from = 0, to = STEPS]) => {
        if (from === 0 && to === STEPS) onRange(undefined);
        else
          onRange({
            fromMs: whole.fromMs + (from / STEPS) * length,
            toMs: whole.fromMs + (to / STEPS) * length,
          });
      }}
      className="relative flex h-6 min-w-0 flex-1 touch-none select-none items-center"
    >
      <Slider.Track className="relative h-4 flex-1 overflow-hidden rounded-[2px] border border-line bg-raised">
        {bars.map(({ from, to, failed }, index) => (
          <span
            key={index}
            aria-hidden
            className={failed ? 'absolute inset-y-1 bg-failed/60' : 'absolute inset-y-1 bg-neutral/30'}
            style={{ left: `${from * 100}%`, width: `max(1px, ${(to - from) * 100}%)` }}
          />
        ))}
        <Slider.Range className="absolute h-full bg-accent/15" />
      </Slider.Track>
      <Slider.Thumb aria-label="Beginning of the shown range" className={THUMB} />
      <Slider.Thumb aria-label="End of the shown range" className={THUMB} />
    </Slider.Root>
  );
}

const THUMB = 'block h-5 w-1.5 rounded-[2px] border border-line-strong bg-card hover:bg-hover';
