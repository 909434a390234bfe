/** What a person is told about something that has failed. */
import { ApiError, type FieldError } from '../sdk/index.ts';

/** A failure in words. */
export interface Failure {
  /** What it is, in a few words. */
  readonly title: string;
  readonly detail?: string;
  readonly code?: string;
  /** The node that has answered explains the code. */
  readonly explained: boolean;
  readonly fields: readonly FieldError[];
  /** What became of it, and what to do now: whole sentences. */
  readonly advice: readonly string[];
}

/** Reading has no effect, so nobody needs to be told whether it had one. */
export type Tried = 'reading' | 'change';

/** Puts any error in words; what is not an `ApiError` is a fault of this page. */
export function failureOf(error: unknown, tried: Tried = 'change'): Failure {
  if (!(error instanceof ApiError)) {
    return {
      title: 'This page has failed',
      detail: error instanceof Error ? error.message : String(error),
      explained: false,
      fields: [],
      advice: [
        ...(tried === 'change' ? [unknownEffect] : []),
        'Load it again: the nodes know nothing of its fault, and go on.',
      ],
    };
  }
  const { code, problem, message } = error;
  const advice = [...(tried === 'change' ? [effectOf(error)] : []), nextStep(error)];
  if (problem === undefined) {
    return { title: message, code, explained: false, fields: [], advice };
  }
  const { title, detail, errors: fields = [] } = problem;
  return { title, ...(detail && { detail }), code, explained: true, fields, advice };
}

const unknownEffect = 'Whether it has had an effect is not known: look before you repeat it.';

const effectOf = ({ definite }: ApiError) => (definite ? 'Nothing was changed.' : unknownEffect);

function nextStep({ code, retryable }: ApiError): string {
  if (code === 'unauthenticated') return 'Give a key of this cluster.';
  if (code === 'forbidden') return 'Give a key of a role that may do this.';
  return retryable
    ? 'The same may succeed later, unchanged.'
    : 'The same fails again: something has to be changed first.';
}
