/** One thing that is wrong with a request: in which part, which field, what it should be. */
export interface FieldError {
  /** The part of the request; absent when the pointer names a field of a transfer (`/from`). */
  in?: 'body' | 'query' | 'path' | 'header';
  /** JSON pointer (RFC 6901) into that part: `/legs/3/amount`, `/limit`, `/Idempotency-Key`. */
  pointer: string;
  /** A sentence without its subject: `must be an integer between 1 and 100`. */
  detail: string;
}

/** What a handler answers. Expected failures are answers too, made by `problem`; never thrown. */
export interface Answer {
  status: number;
  /** Sent as JSON; a `Readable` is a stream of events, and sent as it comes. */
  body: unknown;
  /** Of a body that is no JSON, but a text that is sent as it is. */
  mediaType?: string;
  headers?: Record<string, string>;
}

/** What is known about every answer with one code (PROTOCOL.md, errors). */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** True when the answer is final: this request had no effect and never will have one. */
  readonly definite: boolean;
  /** True when a new attempt (of a transfer: under a new key) may succeed unchanged. */
  readonly retryable: boolean;
  /** What it means and what to do, for the page at `/problems/{code}`. */
  readonly description: string;
  /** The `Retry-After` of an answer that states none of its own, in seconds. */
  readonly retryAfterSeconds?: number;
}

/** Every error of both nodes: the only place that maps a code to a status and a meaning. */
export const problems = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    definite: true,
    retryable: false,
    description: 'The request breaks the contract; `errors` names each field. Nothing was begun.',
  },
  'malformed-json': {
    status: 400,
    title: 'Malformed JSON',
    definite: true,
    retryable: false,
    description:
      'The body is not JSON in UTF-8, has two members with one name in an object, or values more ' +
      'than 32 deep in each other. Nothing was begun.',
  },
  'invalid-cursor': {
    status: 400,
    title: 'Invalid cursor',
    definite: true,
    retryable: false,
    description: 'The cursor was not made by this node for these filters. Start at the first page.',
  },
  unauthenticated: {
    status: 401,
    title: 'Unauthenticated',
    definite: true,
    retryable: false,
    description: 'No key, or not a key of this node. Send `Authorization: Bearer <key>`.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    definite: true,
    retryable: false,
    description: 'The key is valid, but its role may not do this.',
  },
  'wrong-certificate': {
    status: 403,
    title: 'Wrong certificate',
    definite: true,
    retryable: false,
    description:
      'Only nodes may do this, and this one asks each for its certificate: one of the CA of the ' +
      'cluster, with the name of the node that calls. Start that node with `--tls-cert`, ' +
      '`--tls-key` and `--tls-ca`.',
  },
  'cross-site': {
    status: 403,
    title: 'Cross-site request',
    definite: true,
    retryable: false,
    description:
      'A page of another origin has made a browser send this; a node answers its own pages only. ' +
      'Put the page and the node behind one origin, or call the node from a server.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    definite: true,
    retryable: false,
    description: 'This node serves nothing at this path; `/openapi.json` lists what it serves.',
  },
  'transfer-not-found': {
    status: 404,
    title: 'Transfer not found',
    definite: true,
    retryable: false,
    description: 'This coordinator has never begun a transfer with this id.',
  },
  'participant-not-found': {
    status: 404,
    title: 'Participant not found',
    definite: true,
    retryable: false,
    description: 'No participant is registered under this name.',
  },
  'account-not-found': {
    status: 404,
    title: 'Account not found',
    definite: true,
    retryable: false,
    description: 'This participant keeps no account with this id.',
  },
  'branch-not-found': {
    status: 404,
    title: 'Branch not found',
    definite: true,
    retryable: false,
    description: 'This participant has no part in this transfer.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    definite: true,
    retryable: false,
    description: 'The path exists, the method does not; the `Allow` header lists those that do.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request timeout',
    definite: true,
    retryable: true,
    description: 'The request took too long to arrive whole, so it was not read. Send it again.',
  },
  'account-exists': {
    status: 409,
    title: 'Account exists',
    definite: true,
    retryable: false,
    description: 'An account with this id is already open. It was not changed.',
  },
  'name-taken': {
    status: 409,
    title: 'Name taken',
    definite: true,
    retryable: false,
    description: 'Another store is registered under this name. Choose another name.',
  },
  'stale-epoch': {
    status: 409,
    title: 'Stale epoch',
    definite: true,
    retryable: false,
    description: 'The sender has been restarted since: a newer run of the same store is known.',
  },
  'never-issued': {
    status: 409,
    title: 'Never issued',
    definite: true,
    retryable: false,
    description:
      'The id is of this store, but it was never issued: the store was restored from a backup, ' +
      'or the id was made up. Nobody may presume an outcome; an operator must look.',
  },
  'already-decided': {
    status: 409,
    title: 'Already decided',
    definite: true,
    retryable: false,
    description:
      'The transfer was decided before it could be cancelled, and a decision never changes. ' +
      'What was committed can be reversed.',
  },
  'commit-under-way': {
    status: 409,
    title: 'Commit under way',
    definite: true,
    retryable: true,
    description:
      'All accounts of the transfer are at one participant, which is deciding it now: only its ' +
      'answer ends it. Nothing was cancelled; ask again after `Retry-After`.',
    retryAfterSeconds: 1,
  },
  'not-committed': {
    status: 409,
    title: 'Not committed',
    definite: true,
    retryable: false,
    description:
      'Only a committed transfer can be reversed, and this one is not. Nothing was begun.',
  },
  'branch-decided': {
    status: 409,
    title: 'Branch decided',
    definite: true,
    retryable: false,
    description:
      'The branch is decided, or an operator has settled it with the other outcome. Nothing was ' +
      'changed.',
  },
  'no-damage': {
    status: 409,
    title: 'No damage',
    definite: true,
    retryable: false,
    description: 'The branch has no damage report: nothing has to be made right.',
  },
  'node-not-running': {
    status: 409,
    title: 'Node not running',
    definite: true,
    retryable: true,
    description: 'The node has no process to do that to. Start it, or wait until it listens.',
  },
  'scenario-under-way': {
    status: 409,
    title: 'Scenario under way',
    definite: true,
    retryable: true,
    description: 'The lab plays one scenario at a time. Wait until it ends, or end it.',
  },
  'snapshot-expired': {
    status: 409,
    title: 'Snapshot expired',
    definite: true,
    retryable: false,
    description:
      'The participant has committed so much since that it cannot tell the balances as of this ' +
      'timestamp any more. Ask for a newer one.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'Idempotency key in use',
    definite: false,
    retryable: true,
    description:
      'The first request under this key is still undecided. Ask again with the same key after ' +
      '`Retry-After` to hear its outcome.',
    retryAfterSeconds: 1,
  },
  'transfer-archived': {
    status: 410,
    title: 'Transfer archived',
    definite: true,
    retryable: false,
    description:
      'The transfer has ended, and its records were moved to `archivedTo` by an operator. This ' +
      'node does not know any more how it ended: nobody may presume an outcome. Look it up there.',
  },
  'records-archived': {
    status: 410,
    title: 'Records archived',
    definite: true,
    retryable: false,
    description:
      'The answer needs records that an operator has moved to `archivedTo`. Look it up there, or ' +
      'ask an operator to put them back.',
  },
  'body-too-large': {
    status: 413,
    title: 'Body too large',
    definite: true,
    retryable: false,
    description: 'The body is larger than this node accepts. Nothing was begun.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    definite: true,
    retryable: false,
    description:
      'Bodies are read as `Content-Type: application/json` only, and never unpacked: no ' +
      '`Content-Encoding`.',
  },
  'wrong-host': {
    status: 421,
    title: 'Wrong host',
    definite: true,
    retryable: false,
    description:
      'The `Host` of the request is no name of this node. If it should be one, start the node ' +
      'with `--allowed-hosts`.',
  },
  'wrong-store': {
    status: 421,
    title: 'Wrong store',
    definite: true,
    retryable: false,
    description: 'The message is meant for another store than the one that answers here.',
  },
  'insufficient-funds': {
    status: 422,
    title: 'Insufficient funds',
    definite: true,
    retryable: false,
    description:
      'An account has less available than the transfer takes (held amounts are not available). ' +
      'The transfer is aborted on every participant; of a dismissal, nothing was changed.',
  },
  'unknown-account': {
    status: 422,
    title: 'Unknown account',
    definite: true,
    retryable: false,
    description:
      'A participant does not keep one of the accounts. The transfer is aborted on every one; of ' +
      'a dismissal, nothing was changed.',
  },
  'currency-mismatch': {
    status: 422,
    title: 'Currency mismatch',
    definite: true,
    retryable: false,
    description:
      'An account is kept in another currency. The transfer is aborted on every participant; of ' +
      'a dismissal, nothing was changed.',
  },
  'balance-limit-exceeded': {
    status: 422,
    title: 'Balance limit exceeded',
    definite: true,
    retryable: false,
    description:
      'The credit could take a balance past 9007199254740991 minor units. The transfer is ' +
      'aborted on every participant; of a dismissal, nothing was changed.',
  },
  'account-frozen': {
    status: 422,
    title: 'Account frozen',
    definite: true,
    retryable: false,
    description:
      'An operator has frozen one of the accounts, so it takes no new transfers. The transfer is ' +
      'aborted on every participant.',
  },
  busy: {
    status: 422,
    title: 'Busy',
    definite: true,
    retryable: true,
    description:
      'As many transfers are prepared on one of the accounts as a participant may hold. The ' +
      'transfer is aborted on every participant; a new attempt needs a new key.',
  },
  'storage-low': {
    status: 422,
    title: 'Storage low',
    definite: true,
    retryable: true,
    description:
      'The disk of a participant is almost full: it decides what is under way and takes no new ' +
      'transfers. The transfer is aborted on every participant.',
  },
  cancelled: {
    status: 422,
    title: 'Cancelled',
    definite: true,
    retryable: false,
    description:
      'The transfer was cancelled before it was decided. It is aborted on every participant.',
  },
  'reversal-limit-exceeded': {
    status: 422,
    title: 'Reversal limit exceeded',
    definite: true,
    retryable: false,
    description:
      'More would be moved back than the transfer has moved, less what is moved back already or ' +
      'about to be. Nothing was begun.',
  },
  'refused-by-participant': {
    status: 422,
    title: 'Refused by a participant',
    definite: true,
    retryable: false,
    description: 'A participant voted no for a reason of its own. Nothing was moved, anywhere.',
  },
  'vote-timeout': {
    status: 422,
    title: 'Vote timeout',
    definite: true,
    retryable: true,
    description:
      'A participant did not vote before the deadline, so the transfer is aborted on every one. ' +
      'A new attempt needs a new key.',
  },
  'coordinator-restarted': {
    status: 422,
    title: 'Coordinator restarted',
    definite: true,
    retryable: true,
    description:
      'The coordinator stopped before it had decided, so the transfer is aborted on every ' +
      'participant. A new attempt needs a new key.',
  },
  'unknown-participant': {
    status: 422,
    title: 'Unknown participant',
    definite: true,
    retryable: false,
    description: 'No participant is registered under a name that the transfer uses.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    definite: true,
    retryable: false,
    description:
      'The key was used before with another body. This request began nothing; the first one ' +
      'keeps its outcome.',
  },
  'rate-limited': {
    status: 429,
    title: 'Rate limited',
    definite: true,
    retryable: true,
    description:
      'More requests, or more wrong keys, came from this key or address than a node takes in a ' +
      'time; `RateLimit-Policy` says how many. Nothing was begun. Ask again after `Retry-After`.',
    retryAfterSeconds: 1,
  },
  'headers-too-large': {
    status: 431,
    title: 'Headers too large',
    definite: true,
    retryable: false,
    description: 'The request line and headers are larger than this node accepts.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    definite: false,
    retryable: true,
    description:
      'The node failed in a way it did not expect; its log has the details under this request ' +
      'id. The outcome is not known: ask again with the same key.',
  },
  'participant-unavailable': {
    status: 503,
    title: 'Participant unavailable',
    definite: true,
    retryable: true,
    description:
      'A participant that is needed is known to be down, gives no usable answer, has not ' +
      'acknowledged as many transfers as it may, or catches up from an old copy of its store. ' +
      'Nothing was begun.',
    retryAfterSeconds: 1,
  },
  'no-answer': {
    status: 504,
    title: 'No answer',
    definite: false,
    retryable: true,
    description:
      'The request was sent on to a participant, and no usable answer came back: whether it was ' +
      'done there is not known. Send it again: what was done is answered like the first time.',
  },
  'in-doubt': {
    status: 503,
    title: 'In doubt',
    definite: true,
    retryable: true,
    description:
      'A participant does not know yet how one of `transfers` is decided, so there is no ' +
      'consistent answer. Ask again; if it stays so, look at what is in doubt.',
    retryAfterSeconds: 1,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    definite: true,
    retryable: true,
    description:
      'The node has as much work as it may hold, or its disk is almost full. Nothing was begun.',
    retryAfterSeconds: 1,
  },
  'idempotency-window-full': {
    status: 503,
    title: 'Idempotency window full',
    definite: true,
    retryable: true,
    description:
      'The node remembers as many idempotency keys as it may. Nothing was begun. Raise the ' +
      'limit, or send transfers without keys.',
    retryAfterSeconds: 60,
  },
  'shutting-down': {
    status: 503,
    title: 'Shutting down',
    definite: true,
    retryable: true,
    description: 'The node is stopping and takes no new requests. Nothing was begun.',
    retryAfterSeconds: 1,
  },
  'not-ready': {
    status: 503,
    title: 'Not ready',
    definite: true,
    retryable: true,
    description: 'The node is alive but cannot do its work yet; `detail` says what is missing.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

/** Whether `code` is one of the table: what comes from a participant may be anything. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

/** What one answer adds to its table row. */
export interface ProblemExtras {
  /** What happened in this case, for a person. */
  detail?: string;
  errors?: FieldError[];
  /** Of a transfer that was begun: its id, its state and each participant's vote. */
  transferId?: string;
  state?: 'aborted';
  participants?: unknown[];
  /** Of `in-doubt`: the transfers whose decision is not known, at most 100. */
  transfers?: readonly string[];
  /** Of `transfer-archived` and `records-archived`: the folder that has what is not here. */
  archivedTo?: string;
  /** Overrides the table's `Retry-After`, in whole seconds. */
  retryAfterSeconds?: number;
}

/**
 * The answer for `code`, as RFC 9457 problem details. The server adds `requestId` and the content
 * type `application/problem+json`.
 */
export function problem(code: ProblemCode, extras: ProblemExtras = {}): Answer {
  const kind: ProblemKind = problems[code];
  const { retryAfterSeconds = kind.retryAfterSeconds, ...fields } = extras;
  const { title, status, definite, retryable } = kind;
  return {
    status,
    body: { type: `/problems/${code}`, title, status, code, definite, retryable, ...fields },
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  };
}
