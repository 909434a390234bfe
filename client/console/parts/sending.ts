/** A form that changes something by one request. */
import { useState } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import { ApiError } from '../../sdk/index.ts';
import { forgetOperatorKey, takeOperatorKey } from './operator-key.tsx';

/** What a form shows of the request, and what begins it. */
export interface Sending {
  readonly isUnderWay: boolean;
  /** Why the last one has failed. */
  readonly error: unknown;
  readonly onSubmit: (event: TargetedSubmitEvent<HTMLFormElement>) => void;
}

/** Sends what a form says, with the operator's key that it asks for; once at a time. */
export function useSending<T>(
  send: (form: FormData) => Promise<T>,
  onDone: (result: T) => void,
): Sending {
  const [isUnderWay, setUnderWay] = useState(false);
  const [error, setError] = useState<unknown>();
  const act = async (form: FormData) => {
    setUnderWay(true);
    setError(undefined);
    try {
      onDone(await send(form));
    } catch (failed) {
      // A key that does not do is asked for again.
      if (failed instanceof ApiError && [401, 403].includes(failed.status ?? 0)) {
        forgetOperatorKey();
      }
      setError(failed);
    } finally {
      setUnderWay(false);
    }
  };
  return {
    isUnderWay,
    error,
    onSubmit: (event) => {
      event.preventDefault();
      if (isUnderWay) return;
      const form = new FormData(event.currentTarget);
      takeOperatorKey(form);
      void act(form);
    },
  };
}
