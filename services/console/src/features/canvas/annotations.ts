import type { Definition } from '@millrace/contracts';
import * as z from 'zod';

const id = z.string().min(1).max(64);
const length = z.number().min(20).max(10_000);

/** A sticky note. `scope` is where it hangs: nothing for the workflow's own graph (builder/document/scope.ts). */
const note = z.object({
  id,
  text: z.string().max(20_000).catch(''),
  x: z.number(),
  y: z.number(),
  width: length.catch(240),
  height: length.catch(120),
  scope: z.string().optional(),
});
export type Note = Readonly<z.infer<typeof note>>;

/** A named frame around steps. It has no place of its own: it is where its steps are. */
const group = z.object({ id, label: z.string().max(200).catch(''), nodes: z.array(z.string()).readonly() });
export type Group = Readonly<z.infer<typeof group>>;

export interface Annotations {
  readonly notes: readonly Note[];
  readonly groups: readonly Group[];
}

/** The notes and groups in a definition's `ui`. What another program has left there and cannot be read is passed over. */
export function annotationsOf(ui: Definition['ui']): Annotations {
  return { notes: readable(note, ui?.notes), groups: readable(group, ui?.groups) };
}

function readable<T>(schema: z.ZodType<T>, items: readonly unknown[] = []): T[] {
  return items.flatMap((item) => {
    const read = schema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}
