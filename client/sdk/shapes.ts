/** What replies must look like: something else than a node may have answered. */
import {
  arrayOf,
  isBoolean,
  isInteger,
  isIntegerOrNull,
  isNumber,
  isNumberOrNull,
  isObject,
  isText,
  isTextOrNull,
  isTexts,
  isTrue,
  object,
  oneOf,
  recordOf,
  type Check,
} from './check.ts';
import type {
  Account,
  BegunEvent,
  Branch,
  BranchLeg,
  BulkProblem,
  BulkReply,
  BulkResult,
  BulkTransfer,
  ConnectedEvent,
  DamageEntry,
  DecidedEvent,
  EndedEvent,
  Entry,
  Event,
  FieldError,
  Leg,
  Live,
  LogRecord,
  LogRecords,
  Page,
  Participant,
  ParticipantOutcome,
  Problem,
  ProblemKind,
  Ready,
  RegisteredEvent,
  Sender,
  Snapshot,
  Step,
  Timeline,
  Transfer,
} from './generated/types.gen.ts';

const isSender = object<Sender>({ store: isText, epoch: isInteger }, {});

const isLeg = object<Leg>({ from: isText, to: isText, amount: isInteger, currency: isText }, {});

const isDamageEntry = object<DamageEntry>(
  { account: isText, currency: isText, amount: isInteger },
  {},
);

const isParticipantOutcome = object<ParticipantOutcome>(
  {
    name: isText,
    vote: oneOf('yes', 'no', 'none'),
    state: oneOf('preparing', 'prepared', 'committed', 'aborted', 'damaged'),
  },
  { code: isText, account: isText, damage: arrayOf(isDamageEntry) },
);

export const isTransfer = object<Transfer>(
  {
    id: isText,
    state: oneOf('preparing', 'committed', 'aborted'),
    applied: isBoolean,
    legs: arrayOf(isLeg),
    participants: arrayOf(isParticipantOutcome),
    createdAt: isText,
  },
  {
    timestamp: isInteger,
    reason: isText,
    reference: isText,
    metadata: isTexts,
    reverses: isText,
    reversals: arrayOf(isText),
    decidedAt: isText,
  },
);

export const isParticipant = object<Participant>(
  {
    name: isText,
    store: isText,
    epoch: isInteger,
    address: isText,
    health: oneOf('up', 'down', 'unknown'),
    lastSeenAt: isTextOrNull,
    inDoubt: arrayOf(isText),
  },
  { reason: isText, latencyMs: isNumber, quarantined: isTrue },
);

export const isAccount = object<Account>(
  {
    id: isText,
    currency: isText,
    posted: isInteger,
    held: isInteger,
    available: isInteger,
    minimum: isInteger,
    frozen: isBoolean,
  },
  {},
);

export const isEntry = object<Entry>(
  {
    kind: isText,
    at: isText,
    amount: isInteger,
    balance: isInteger,
  },
  { transferId: isText, timestamp: isInteger },
);

export const isSnapshot = object<Snapshot>(
  {
    timestamp: isInteger,
    accounts: arrayOf(
      object<Snapshot['accounts'][number]>(
        { participant: isText, account: isText, currency: isText, posted: isInteger },
        {},
      ),
    ),
    totals: arrayOf(
      object<Snapshot['totals'][number]>({ currency: isText, posted: isIntegerOrNull }, {}),
    ),
    damage: arrayOf(
      object<Snapshot['damage'][number]>(
        {
          participant: isText,
          transferId: isText,
          account: isText,
          currency: isText,
          amount: isInteger,
        },
        {},
      ),
    ),
  },
  {},
);

const isBranchLeg = object<BranchLeg>({ account: isText, amount: isInteger, currency: isText }, {});

const isResolution = object<NonNullable<Branch['resolution']>>(
  { outcome: oneOf('committed', 'aborted'), reason: isText, at: isText },
  {},
);

const isDamage = object<NonNullable<Branch['damage']>>(
  { state: oneOf('committed', 'aborted'), entries: arrayOf(isDamageEntry) },
  {},
);

const isDismissal = object<NonNullable<Branch['dismissal']>>(
  { reason: isText, at: isText, compensated: isBoolean },
  {},
);

export const isBranch = object<Branch>(
  {
    id: isText,
    state: oneOf('prepared', 'committed', 'aborted', 'resolved', 'damaged'),
    coordinator: isSender,
    legs: arrayOf(isBranchLeg),
    peers: arrayOf(isText),
  },
  {
    timestamp: isInteger,
    code: isText,
    preparedAt: isText,
    decidedAt: isText,
    resolution: isResolution,
    damage: isDamage,
    dismissal: isDismissal,
  },
);

export const isLive = object<Live>({ status: oneOf('live') }, {});

export const isReady = object<Ready>(
  {
    status: oneOf('ready'),
    role: oneOf('coordinator', 'participant'),
    store: isText,
    epoch: isInteger,
  },
  { name: isText },
);

const isFieldError = object<FieldError>({ pointer: isText, detail: isText }, { in: isText });

export const isProblem = object<Problem>(
  {
    type: isText,
    title: isText,
    status: isInteger,
    code: isText,
    definite: isBoolean,
    retryable: isBoolean,
    requestId: isText,
  },
  {
    detail: isText,
    transferId: isText,
    state: oneOf('aborted'),
    participants: arrayOf(isParticipantOutcome),
    transfers: arrayOf(isText),
    archivedTo: isText,
    errors: arrayOf(isFieldError),
  },
);

const isBulkTransfer = object<BulkTransfer>(
  { status: (value): value is 201 | 202 => value === 201 || value === 202, transfer: isTransfer },
  { idempotentReplayed: isTrue },
);

const isBulkProblem = object<BulkProblem>(
  { status: isInteger, problem: isProblem },
  { idempotentReplayed: isTrue },
);

export const isBulkReply = object<BulkReply>(
  {
    results: arrayOf((value): value is BulkResult => isBulkTransfer(value) || isBulkProblem(value)),
  },
  {},
);

export const isProblemKind = object<ProblemKind>(
  {
    type: isText,
    title: isText,
    status: isInteger,
    code: isText,
    definite: isBoolean,
    retryable: isBoolean,
    description: isText,
  },
  {},
);

const isStep = object<Step>(
  { type: isText, node: isText, at: isText, afterMs: isNumber, durationMs: isNumberOrNull },
  {
    to: isText,
    forced: isTrue,
    attempts: isInteger,
    lastAfterMs: isNumber,
    vote: oneOf('yes', 'no', 'none'),
    code: isText,
    account: isText,
    state: oneOf('committed', 'aborted'),
    timestamp: isInteger,
    reason: isText,
  },
);

export const isTimeline = object<Timeline>(
  {
    id: isText,
    state: oneOf('preparing', 'committed', 'aborted'),
    createdAt: isText,
    nodes: arrayOf(isText),
    steps: arrayOf(isStep),
  },
  {},
);

const isNoted = object<Pick<LogRecord, 'seq' | 'type' | 'at'>>(
  { seq: isInteger, type: isText, at: isText },
  {},
);

export const isLogRecords = object<LogRecords>(
  {
    id: isText,
    node: isTextOrNull,
    // What else is in a record depends on its type.
    records: arrayOf((value): value is LogRecord => isNoted(value)),
  },
  {},
);

const isBallot = object<DecidedEvent['participants'][number]>(
  { name: isText, vote: oneOf('yes', 'no', 'none') },
  { code: isText, account: isText },
);

const eventChecks: { readonly [T in Event['type']]: Check<Extract<Event, { type: T }>> } = {
  connected: object<ConnectedEvent>(
    { type: oneOf('connected'), store: isText, epoch: isInteger },
    {},
  ),
  begun: object<BegunEvent>(
    {
      type: oneOf('begun'),
      id: isText,
      at: isText,
      legs: arrayOf(isLeg),
      participants: arrayOf(isText),
    },
    { reference: isText, metadata: isTexts, reverses: isText },
  ),
  decided: object<DecidedEvent>(
    {
      type: oneOf('decided'),
      id: isText,
      at: isText,
      state: oneOf('committed', 'aborted'),
      participants: arrayOf(isBallot),
    },
    { timestamp: isInteger, reason: isText },
  ),
  ended: object<EndedEvent>(
    { type: oneOf('ended'), id: isText, at: isText },
    { damage: recordOf(arrayOf(isDamageEntry)) },
  ),
  registered: object<RegisteredEvent>(
    {
      type: oneOf('registered'),
      at: isText,
      name: isText,
      store: isText,
      epoch: isInteger,
      address: isText,
    },
    {},
  ),
};

export const isEvent = (value: unknown): value is Event =>
  Object.values(eventChecks).some((check) => check(value));

/** Of a type that the contract does not know yet: to be passed over. */
export const isNewEvent = (value: unknown): boolean =>
  isObject(value) &&
  'type' in value &&
  isText(value.type) &&
  !Object.hasOwn(eventChecks, value.type);

const isPage = object<Page>({ nextCursor: isTextOrNull }, { archivedTo: isText });

/** One page of a list. */
export interface ListOf<T> {
  data: T[];
  page: Page;
}

export const isListOf = <T>(check: Check<T>): Check<ListOf<T>> =>
  object<ListOf<T>>({ data: arrayOf(check), page: isPage }, {});
