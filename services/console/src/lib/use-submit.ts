import { useState, type SubmitEvent } from 'react';

export interface Submission {
  /** Somebody has tried: until it succeeds, every field says what is wrong with it. */
  readonly tried: boolean;
  readonly busy: boolean;
  /** Why the last try failed; what was entered is still there. */
  readonly error: unknown;
  readonly onSubmit: (event: SubmitEvent<HTMLFormElement>) => void;
}

/** A form that is sent with `act`: not while it is invalid, not twice at once, and with what went wrong. */
export function useSubmit(isValid: boolean, act: () => Promise<void>): Submission {
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function submit(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      setTried(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return {
    ...{ tried, busy, error },
    onSubmit: (event) => {
      event.preventDefault();
      setTried(true);
      if (isValid && !busy) void submit();
    },
  };
}
