/**
 * What a reply must look like. Replies are not trusted: something else than a node may answer.
 * Each check names every field that its generated type requires, so that the compiler finds a
 * check that lags behind the contract; fields that are not listed may come and are kept.
 */
import type {
  Account,
  Branch,
  BranchLeg,
  FieldError,
  Leg,
  Page,
  Participant,
  ParticipantOutcome,
  Problem,
  Ready,
  Sender,
  Transfer,
} from './generated/types.gen.ts';

/** Whether a value has the shape of `T`. */
export type Check<T> = (value: unknown) => value is T;

/** A text may be any: newer nodes may send names that the contract does not list yet. */
type FieldCheck<V> = [V] extends [string] ? Check<V> | Check<string> : Check<V>;
type OptionalKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type RequiredChecks<T> = { readonly [K in Exclude<keyof T, OptionalKey<T>>]: FieldCheck<T[K]> };
type OptionalChecks<T> = {
  readonly [K in OptionalKey<T>]-?: FieldCheck<Exclude<T[K], undefined>>;
};

function object<T extends object>(
  required: RequiredChecks<T>,
  optional: OptionalChecks<T>,
): Check<T> {
  const fits = (value: object, checks: object, mayLack: boolean) =>
    Object.entries(checks).every(([name, check]: [string, Check<unknown>]) => {
      const field: unknown = Reflect.get(value, name);
      return (mayLack && field === undefined) || check(field);
    });
  return (value): value is T =>
    isObject(value) && fits(value, required, false) && fits(value, optional, true);
}

const arrayOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(check);

const oneOf =
  <T extends string>(...values: readonly T[]): Check<T> =>
  (value): value is T =>
    values.some((one) => one === value);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);
const isTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every(isText);

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
