import type { Problem } from './generated/types.gen.ts';

/** What an error says besides its message. */
export interface ApiErrorFields {
  readonly code: string;
  readonly status?: number;
  readonly definite: boolean;
  readonly retryable: boolean;
  readonly problem?: Problem;
}

/** A request that began nothing, or got no usable answer. Its message is one sentence. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /**
   * A code of the contract, or one of this library: `unreachable` (no connection, or it broke),
   * `untrusted` (its certificate is not trusted), `timeout` (no whole answer in time) or
   * `not-unanimous` (the answer is not of the contract).
   */
  readonly code: string;
  /** The HTTP status; undefined without an answer. */
  readonly status: number | undefined;
  /** The request had no effect and never will have one. */
  readonly definite: boolean;
  /** A new attempt (of a transfer, under a new key) may succeed unchanged. */
  readonly retryable: boolean;
  /** The whole body of an error of the contract (RFC 9457). */
  readonly problem: Problem | undefined;

  constructor(message: string, fields: ApiErrorFields, options?: ErrorOptions) {
    super(message, options);
    this.code = fields.code;
    this.status = fields.status;
    this.definite = fields.definite;
    this.retryable = fields.retryable;
    this.problem = fields.problem;
  }
}

/** An error that the node itself answered. */
export function problemError(status: number, problem: Problem): ApiError {
  const { title, detail, errors = [], code, definite, retryable } = problem;
  const fields = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  // The detail tells of the first field.
  const message = [title, errors.length > 1 ? fields : detail].filter(Boolean).join(': ');
  return new ApiError(message, { code, status, definite, retryable, problem });
}

/** Reasons of Node's for which a request has not even been sent; browsers give none. */
const unsent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'bad port'];

/** Reasons of Node's for not trusting a certificate: what was to be sent, was not. */
const untrusted = /^(?!ERR_SSL).*(CERT|ISSUER|SIGNATURE)/;

/** No connection, or one that broke before the answer had come whole. */
export function noAnswer(address: string, error: unknown): ApiError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const said = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : said;
  if (untrusted.test(code)) return notTrusted(address, said, error);
  const definite = unsent.includes(code);
  const why = code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'it does not speak https' : said;
  const message = definite
    ? `nothing answers at ${address} (${code}): is it up, and is the address right?`
    : `no answer from ${address}: ${why}`;
  return new ApiError(
    message,
    { code: 'unreachable', definite, retryable: true },
    { cause: error },
  );
}

function notTrusted(address: string, said: string, error: unknown): ApiError {
  const message = `${address} shows a certificate that is not trusted: ${said}`;
  const fields = { code: 'untrusted', definite: true, retryable: false };
  return new ApiError(message, fields, { cause: error });
}

/** The node may have done what it was asked to do. */
export function noAnswerInTime(address: string, ms: number): ApiError {
  const message = `${address} did not answer within ${ms} ms`;
  return new ApiError(message, { code: 'timeout', definite: false, retryable: true });
}

/**
 * An answer that is not of the contract. A redirect or a 4xx says in the words of HTTP itself
 * that the request went no further; anything else may come from behind a node that has acted.
 */
export function foreignAnswer(address: string, status: number, what: string): ApiError {
  const message = `${address} answered ${what}: is this the address of a node of Unanimous?`;
  const passedOn = (status >= 200 && status < 300) || status >= 500;
  return new ApiError(message, {
    code: 'not-unanimous',
    status,
    definite: !passedOn,
    retryable: status >= 500,
  });
}
