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
    options?: {
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      /** For this request alone. */
      readonly timeoutMs?: number;
    },
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

export function openApi({ address, key, ...defaults }: ApiOptions): Api {
  return {
    async send(method, path, options = {}) {
      const { body, headers = {}, timeoutMs = defaults.timeoutMs } = options;
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
  // Without a code of the system's, fetch has refused to send it at all.
  return new ConnectionError(`no answer from ${address}: ${reason}`, code !== '');
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
  title: string;
  definite: boolean;
  retryable: boolean;
  detail: string;
  state: 'aborted';
  transferId: string;
  errors: { pointer: string; detail: string }[];
}

/** Fields may be absent: something else than a node may have answered. */
export const asProblem = (body: unknown) => fieldsOf(body) as Partial<ProblemView>;
export const asParticipant = (body: unknown) => body as ParticipantView;
export const asAccount = (body: unknown) => body as AccountView;

/** @throws {CommandError} if it is no transfer */
export function asTransfer(body: unknown): TransferView {
  const { id, legs, participants } = fieldsOf(body);
  if (typeof id !== 'string' || !Array.isArray(legs) || !Array.isArray(participants)) {
    throw new CommandError(1, 'the answer is no transfer: is this the address of a coordinator?');
  }
  return body as TransferView;
}

/** @throws {CommandError} if it is no list */
export function asPage(body: unknown): { data: unknown[]; page: { nextCursor: string | null } } {
  const { data, page } = fieldsOf(body);
  if (!Array.isArray(data) || typeof page !== 'object') {
    throw new CommandError(1, 'the answer is no list: is this the address of a coordinator?');
  }
  return body as ReturnType<typeof asPage>;
}

/** Whether this is a transfer that has happened. */
export function isCommitted(body: unknown): boolean {
  const { id, state } = fieldsOf(body);
  return typeof id === 'string' && state === 'committed';
}

type Field = 'id' | 'state' | 'legs' | 'participants' | 'data' | 'page';

function fieldsOf(body: unknown): Partial<Record<Field, unknown>> {
  return typeof body === 'object' && body !== null ? body : {};
}
