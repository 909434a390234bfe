/** One transfer after another, each under a key of its own that outlives a retry. */
import type { ApiError, Outcome, SingleTransfer } from '../sdk/index.ts';

/** A request, and the key that stands for it until its outcome is known. */
export interface Attempt {
  readonly request: SingleTransfer;
  readonly idempotencyKey: string;
}

/** The last answer that came, as it came. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What an attempt came to: an outcome, or the error that nothing was begun. */
export type Result = { readonly answer?: Answer } & (
  { readonly outcome: Outcome } | { readonly error: ApiError }
);

/**
 * The same request goes on under the same key: it may have happened already. Another one is
 * another transfer.
 */
export function attemptFor(
  request: SingleTransfer,
  open: Attempt | undefined,
  newKey: () => string,
): Attempt {
  const isSame = open && JSON.stringify(open.request) === JSON.stringify(request);
  return isSame ? open : { request, idempotencyKey: newKey() };
}

/** Whether the next request, also the same one, is a new transfer. */
export function isClosed(result: Result): boolean {
  return 'error' in result ? result.error.definite : result.outcome.state !== 'unknown';
}
