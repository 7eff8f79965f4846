import { create } from 'zustand';

/** What somebody asked to run: all of it, or up to a step. */
export interface AskedRun {
  readonly until?: { readonly id: string; readonly title: string } | undefined;
  /** Shows the form even where there is nothing that has to be filled in. */
  readonly withForm?: boolean;
}

/** The run that is asked for; from the bar, a key, or the toolbar of a step. */
export const useAskedRun = create<{ readonly asked: AskedRun | undefined }>(() => ({ asked: undefined }));

export const askToRun = (asked: AskedRun = {}): void => useAskedRun.setState({ asked });
export const stopAsking = (): void => useAskedRun.setState({ asked: undefined });
