/** One participant, its accounts and its parts of transfers. */
import type { HistoryOptions, ReadOptions } from './connect.ts';
import { openConnection, type ConnectOptions } from './connection.ts';
import {
  checkLive,
  checkReady,
  dismissBranch,
  freezeAccount,
  getAccount,
  getBranch,
  getBranchRecords,
  listAccounts,
  listBranches,
  listEntries,
  openAccount,
  resolveBranch,
  unfreezeAccount,
} from './generated/sdk.gen.ts';
import type {
  Account,
  AccountOpening,
  Branch,
  BranchState,
  DismissRequest,
  Entry,
  Live,
  LogRecords,
  Ready,
  ResolveRequest,
} from './generated/types.gen.ts';
import { items } from './pages.ts';
import { ask } from './request.ts';
import { isAccount, isBranch, isEntry, isListOf, isLive, isLogRecords, isReady } from './shapes.ts';

/** How many items are asked for at a time. */
const limit = 100;

/** Which accounts to list; all conditions must hold. */
export interface AccountFilter {
  readonly currency?: Account['currency'];
  readonly frozen?: boolean;
}

/** Which branches to list; all conditions must hold. */
export interface BranchFilter {
  /** `prepared`: in doubt; `resolved` and `damaged`: settled by an operator. */
  readonly state?: BranchState;
  /** With a leg on this account. */
  readonly account?: string;
}

/** Why something is done, for the record. */
export interface Remark {
  readonly reason?: string;
}

/**
 * A participant. Every request is sent once, and throws an `ApiError` when it gets no good answer,
 * and the reason of its signal once that is aborted.
 */
export interface Participant {
  /** Over all pages. */
  accounts(filter?: AccountFilter, options?: ReadOptions): AsyncIterable<Account>;
  account(id: string, options?: ReadOptions): Promise<Account>;
  /** Creates the money of `balance`, so it needs the operator's key where keys are needed. */
  openAccount(opening: AccountOpening, options?: ReadOptions): Promise<Account>;
  /** The account's statement, newest first, over all pages. */
  entries(id: string, options?: HistoryOptions): AsyncIterable<Entry>;
  /** New transfers are refused from now on. Needs the operator's key where keys are needed. */
  freeze(id: string, remark?: Remark, options?: ReadOptions): Promise<Account>;
  unfreeze(id: string, remark?: Remark, options?: ReadOptions): Promise<Account>;
  /** Those that the participant remembers, over all pages. */
  branches(filter?: BranchFilter, options?: ReadOptions): AsyncIterable<Branch>;
  /** `id`: of the transfer. */
  branch(id: string, options?: ReadOptions): Promise<Branch>;
  /** What the participant's log has of a transfer, record by record. `id`: of the transfer. */
  records(id: string, options?: ReadOptions): Promise<LogRecords>;
  /**
   * Settles a branch in doubt without knowing the decision. When that turns out to be another one,
   * the branch is `damaged`. Needs the operator's key.
   */
  resolve(id: string, how: ResolveRequest, options?: ReadOptions): Promise<Branch>;
  /** Makes damage right, by bookings here unless told. Needs the operator's key. */
  dismiss(id: string, how: DismissRequest, options?: ReadOptions): Promise<Branch>;
  /** Answers as long as the node runs at all. */
  live(options?: ReadOptions): Promise<Live>;
  /** @throws {ApiError} also while it is not ready */
  ready(options?: ReadOptions): Promise<Ready>;
}

/**
 * A participant to talk to; nothing is sent before the first request. Where only its coordinator
 * can be reached, `url` is `/participants/{name}` there: accounts and branches can be read by that,
 * and branches settled.
 * @throws {TypeError} if `url` is not an http or https URL, or the key not visible ASCII
 */
export function connectParticipant(url: string, options: ConnectOptions = {}): Participant {
  const node = openConnection(url, options);
  return {
    accounts: (filter = {}, read = {}) =>
      items(node, (cursor) => {
        const query = { ...filter, limit, ...cursor };
        return ask(node, isListOf(isAccount), (via) => listAccounts({ ...via, query }), read);
      }),
    account: (id, read = {}) =>
      ask(node, isAccount, (via) => getAccount({ ...via, path: { id } }), read),
    openAccount: (body, { signal } = {}) =>
      ask(node, isAccount, (via) => openAccount({ ...via, body }), { signal, status: 201 }),
    entries(id, read = {}) {
      const page = (cursor: { cursor?: string }) => {
        const [path, query] = [{ id }, { limit, ...cursor }];
        return ask(node, isListOf(isEntry), (via) => listEntries({ ...via, path, query }), read);
      };
      return items(node, page, read.onArchived);
    },
    freeze: (id, body = {}, read = {}) =>
      ask(node, isAccount, (via) => freezeAccount({ ...via, path: { id }, body }), read),
    unfreeze: (id, body = {}, read = {}) =>
      ask(node, isAccount, (via) => unfreezeAccount({ ...via, path: { id }, body }), read),
    branches: (filter = {}, read = {}) =>
      items(node, (cursor) => {
        const query = { ...filter, limit, ...cursor };
        return ask(node, isListOf(isBranch), (via) => listBranches({ ...via, query }), read);
      }),
    branch: (id, read = {}) =>
      ask(node, isBranch, (via) => getBranch({ ...via, path: { id } }), read),
    records: (id, read = {}) =>
      ask(node, isLogRecords, (via) => getBranchRecords({ ...via, path: { id } }), read),
    resolve: (id, body, read = {}) =>
      ask(node, isBranch, (via) => resolveBranch({ ...via, path: { id }, body }), read),
    dismiss: (id, body, read = {}) =>
      ask(node, isBranch, (via) => dismissBranch({ ...via, path: { id }, body }), read),
    live: (read = {}) => ask(node, isLive, checkLive, read),
    ready: (read = {}) => ask(node, isReady, checkReady, read),
  };
}
