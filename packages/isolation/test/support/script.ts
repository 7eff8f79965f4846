import { serveIsolated } from '@millrace/isolation';

export interface TestRequest {
  do: 'echo' | 'block' | 'throw' | 'eat' | 'environment';
  value?: number;
}

serveIsolated(({ do: what, value = 0 }: TestRequest): number => {
  if (what === 'block') for (;;);
  if (what === 'throw') throw new Error('on purpose');
  if (what === 'environment') return Object.keys(process.env).length;
  if (what === 'eat') {
    const food: number[][] = [];
    for (;;) food.push(Array.from({ length: 1_000_000 }, (_, index) => index + food.length));
  }
  return value;
});
