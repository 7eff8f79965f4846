import { readdirSync, readlinkSync } from 'node:fs';
import { serveIsolated } from '@millrace/isolation';

export interface TestRequest {
  do:
    | 'echo'
    | 'block'
    | 'throw'
    | 'eat'
    | 'environment'
    | 'folder'
    | 'files'
    | 'note'
    | 'text'
    | 'pid'
    | 'compile';
  value?: number;
}

serveIsolated(({ do: what, value = 0 }: TestRequest, { text, note, send }): number | string | string[] => {
  switch (what) {
    case 'block':
      for (;;);
    case 'throw':
      throw new Error('on purpose');
    case 'environment':
      return Object.keys(process.env);
    case 'folder':
      return process.cwd();
    case 'files':
      return readdirSync('/proc/self/fd').flatMap(targetOf);
    case 'pid':
      return process.pid;
    case 'compile':
      try {
        return String(Reflect.construct(Function, ['return 1']));
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown';
      }
    case 'note':
      for (let count = 0; count < value; count += 1) note(count);
      return value;
    case 'text':
      send(text.join('').repeat(value));
      return text.length;
    case 'eat': {
      const food: number[][] = [];
      for (;;) food.push(Array.from({ length: 1_000_000 }, (_, index) => index + food.length));
    }
    case 'echo':
      return value;
  }
});

/** None for the descriptor of the listing itself, which is closed again. */
function targetOf(descriptor: string): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${descriptor}`)];
  } catch {
    return [];
  }
}
