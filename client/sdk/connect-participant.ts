/** One participant, its accounts and its parts of transfers. */
import type { ReadOptions } from './connect.ts';
import { openConnection, type ConnectOptions } from './connection.ts';
import {
  checkLive,
  checkReady,
  getAccount,
  getBranch,
  listAccounts,
  listBranches,
  openAccount,
} from './generated/sdk.gen.ts';
import type {
  Account,
  AccountOpening,
  Branch,
  BranchState,
  Live,
  Ready,
} from './generated/types.gen.ts';
import { items } from './pages.ts';
import { ask } from './request.ts';
import { isAccount, isBranch, isListOf, isLive, isReady } from './shapes.ts';

/** How many items are asked for at a time. */
const limit = 100;

/**
 * A participant. Every request is sent once, and throws an `ApiError` when it gets no good answer,
 * and the reason of its signal once that is aborted.
 */
export interface Participant {
  /** Over all pages. */
  accounts(options?: ReadOptions): AsyncIterable<Account>;
  account(id: string, options?: ReadOptions): Promise<Account>;
  /** Creates the money of `balance`, so it needs the operator's key where keys are needed. */
  openAccount(opening: AccountOpening, options?: ReadOptions): Promise<Account>;
  /** Over all pages; those in state `prepared` are in doubt. */
  branches(filter?: { readonly state?: BranchState }, options?: ReadOptions): AsyncIterable<Branch>;
  /** `id`: of the transfer. */
  branch(id: string, options?: ReadOptions): Promise<Branch>;
  /** Answers as long as the node runs at all. */
  live(options?: ReadOptions): Promise<Live>;
  /** @throws {ApiError} also while it is not ready */
  ready(options?: ReadOptions): Promise<Ready>;
}

/**
 * A participant to talk to; nothing is sent before the first request.
 * @throws {TypeError} if `url` is not an http or https URL, or the key not visible ASCII
 */
export function connectParticipant(url: string, options: ConnectOptions = {}): Participant {
  const node = openConnection(url, options);
  return {
    accounts: (read = {}) =>
      items(node, (cursor) => {
        const query = { limit, ...cursor };
        return ask(node, isListOf(isAccount), (via) => listAccounts({ ...via, query }), read);
      }),
    account: (id, read = {}) =>
      ask(node, isAccount, (via) => getAccount({ ...via, path: { id } }), read),
    openAccount: (body, { signal } = {}) =>
      ask(node, isAccount, (via) => openAccount({ ...via, body }), { signal, status: 201 }),
    branches: (filter = {}, read = {}) =>
      items(node, (cursor) => {
        const query = { ...filter, limit, ...cursor };
        return ask(node, isListOf(isBranch), (via) => listBranches({ ...via, query }), read);
      }),
    branch: (id, read = {}) =>
      ask(node, isBranch, (via) => getBranch({ ...via, path: { id } }), read),
    live: (read = {}) => ask(node, isLive, checkLive, read),
    ready: (read = {}) => ask(node, isReady, checkReady, read),
  };
}
