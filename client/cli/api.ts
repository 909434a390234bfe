/** HTTP to the nodes, as the commands need it. */
import { CommandError } from './io.ts';

export interface ApiOptions {
  /** `http://127.0.0.1:7700` */
  readonly address: string;
  readonly key: string | undefined;
  /** For one request, until its last byte. Milliseconds. */
  readonly timeoutMs: number;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Api {
  /** @throws {ConnectionError} if there is no answer in JSON in time */
  send(
    method: 'GET' | 'POST',
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<ApiReply>;
}

/** No usable answer. `sent`: the request may have taken effect all the same. */
export class ConnectionError extends CommandError {
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(sent ? 3 : 1, message);
    this.sent = sent;
  }
}

export function openApi({ address, key, timeoutMs }: ApiOptions): Api {
  return {
    async send(method, path, { body, headers = {} } = {}) {
      try {
        const response = await fetch(address + path, {
          method,
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...headers,
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const parsed: unknown = await response.json();
        return { status: response.status, headers: response.headers, body: parsed };
      } catch (error) {
        throw explain(error, address, timeoutMs);
      }
    },
  };
}

function explain(error: unknown, address: string, timeoutMs: number): ConnectionError {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') {
    return new ConnectionError(`${address} did not answer within ${timeoutMs} ms`, true);
  }
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ConnectionError(
      `nothing answers at ${address} (${code}): is it up, and is the address right?`,
      false,
    );
  }
  if (error instanceof SyntaxError) {
    return new ConnectionError(`${address} does not speak JSON: is it a coordinator?`, true);
  }
  const reason = cause instanceof Error ? cause.message : error.message;
  return new ConnectionError(`no answer from ${address}: ${reason}`, true);
}

/** A transfer as the API shows it. */
export interface TransferView {
  id: string;
  state: 'preparing' | 'committed' | 'aborted';
  applied: boolean;
  timestamp?: number;
  reason?: string;
  legs: { from: string; to: string; amount: number; currency: string }[];
  participants: { name: string; vote: string; code?: string; state: string }[];
  reference?: string;
  createdAt: string;
  decidedAt?: string;
}

export interface ParticipantView {
  name: string;
  store: string;
  epoch: number;
  address: string;
  health: string;
  lastSeenAt: string | null;
  inDoubt: string[];
}

export interface AccountView {
  id: string;
  currency: string;
  posted: number;
  held: number;
  available: number;
  minimum: number;
}

/** An error as both nodes answer it (RFC 9457). */
export interface ProblemView {
  code: string;
  /** Absent where something else than a node has answered. */
  title?: string;
  definite: boolean;
  retryable: boolean;
  detail?: string;
  state?: 'aborted';
  transferId?: string;
  errors?: { pointer: string; detail: string }[];
}

export const asTransfer = (body: unknown) => body as TransferView;
export const asParticipant = (body: unknown) => body as ParticipantView;
export const asAccount = (body: unknown) => body as AccountView;
export const asProblem = (body: unknown) => body as ProblemView;
export const asPage = (body: unknown) =>
  body as { data: unknown[]; page: { nextCursor: string | null } };
