/** What replies must look like: something else than a node may have answered. */
import {
  arrayOf,
  isBoolean,
  isInteger,
  isNumber,
  isNumberOrNull,
  isObject,
  isText,
  isTextOrNull,
  isTexts,
  isTrue,
  object,
  oneOf,
  type Check,
} from './check.ts';
import type {
  Account,
  BegunEvent,
  Branch,
  BranchLeg,
  ConnectedEvent,
  DecidedEvent,
  EndedEvent,
  Event,
  FieldError,
  Leg,
  Live,
  Page,
  Participant,
  ParticipantOutcome,
  Problem,
  ProblemKind,
  Ready,
  RegisteredEvent,
  Sender,
  Step,
  Timeline,
  Transfer,
} from './generated/types.gen.ts';

const isSender = object<Sender>({ store: isText, epoch: isInteger }, {});

const isLeg = object<Leg>({ from: isText, to: isText, amount: isInteger, currency: isText }, {});

const isParticipantOutcome = object<ParticipantOutcome>(
  {
    name: isText,
    vote: oneOf('yes', 'no', 'none'),
    state: oneOf('preparing', 'prepared', 'committed', 'aborted'),
  },
  { code: isText, account: isText },
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
  { timestamp: isInteger, reason: isText, reference: isText, metadata: isTexts, decidedAt: isText },
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
  {},
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

const isBranchLeg = object<BranchLeg>({ account: isText, amount: isInteger, currency: isText }, {});

export const isBranch = object<Branch>(
  {
    id: isText,
    state: oneOf('prepared', 'committed', 'aborted'),
    coordinator: isSender,
    legs: arrayOf(isBranchLeg),
    peers: arrayOf(isText),
  },
  { timestamp: isInteger, code: isText, preparedAt: isText, decidedAt: isText },
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
    errors: arrayOf(isFieldError),
  },
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
    { reference: isText, metadata: isTexts },
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
  ended: object<EndedEvent>({ type: oneOf('ended'), id: isText, at: isText }, {}),
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

/** One page of a list. */
export interface ListOf<T> {
  data: T[];
  page: Page;
}

export const isListOf = <T>(check: Check<T>): Check<ListOf<T>> =>
  object<ListOf<T>>(
    { data: arrayOf(check), page: object<Page>({ nextCursor: isTextOrNull }, {}) },
    {},
  );
