/** A coordinator and its transfers, as an application sees them. */
import { openConnection, type ConnectOptions } from './connection.ts';
import { followEvents, type Event, type EventsOptions } from './events.ts';
import {
  cancelTransfer,
  checkLive,
  checkReady,
  getParticipant,
  getProblem,
  getSnapshot,
  getTimeline,
  getTransfer,
  getTransferRecords,
  listParticipants,
  listTransfers,
} from './generated/sdk.gen.ts';
import type {
  Live,
  LogRecords,
  Participant as ParticipantInfo,
  ProblemKind,
  Ready,
  Snapshot,
  Timeline,
  Transfer,
  TransferState,
} from './generated/types.gen.ts';
import { items } from './pages.ts';
import { preferHeader } from './prefer.ts';
import { ask } from './request.ts';
import {
  isListOf,
  isLive,
  isLogRecords,
  isParticipant,
  isProblemKind,
  isReady,
  isSnapshot,
  isTimeline,
  isTransfer,
} from './shapes.ts';
import {
  sendTransfers,
  type ManyOptions,
  type ManyRequest,
  type Refused,
} from './transfer-many.ts';
import {
  sendReversal,
  sendTransfer,
  type Outcome,
  type ReversalRequest,
  type TransferOptions,
  type TransferRequest,
} from './transfer.ts';

/** For one request, or for a whole list. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface HistoryOptions extends ReadOptions {
  /** Told at the end where an operator has moved what is older, if so: it is not in the list. */
  readonly onArchived?: ((folder: string) => void) | undefined;
}

/** Which transfers to list; all conditions must hold. */
export interface TransferFilter {
  readonly state?: TransferState;
  /** With a leg from or to this participant. */
  readonly participant?: string;
  /** With a leg from or to this account, `participant/account`. */
  readonly account?: string;
  /** With exactly this reference. */
  readonly reference?: string;
  /** How many are asked for at a time: 1 to 100, 100 unless told. */
  readonly pageSize?: number;
}

/** Which participants to list. */
export interface ParticipantFilter {
  readonly health?: ParticipantInfo['health'];
}

/**
 * A coordinator. Reads are sent once; they, and lists, throw an `ApiError` when they get no good
 * answer, and the reason of their signal once it is aborted.
 */
export interface Unanimous {
  /**
   * Makes a transfer and tells what became of it: every outcome is a value. Asks again, under one
   * key, until it is known or patience ends.
   * @throws {ApiError} if nothing was begun
   */
  transfer(request: TransferRequest, options?: TransferOptions): Promise<Outcome>;
  /**
   * Makes transfers that have nothing to do with each other, up to 1 000 with each request, and
   * tells what became of each, in their order; asks again as `transfer` does.
   * @throws {ApiError} if nothing at all was begun
   */
  transferMany(
    requests: readonly ManyRequest[],
    options?: ManyOptions,
  ): Promise<(Outcome | Refused)[]>;
  /**
   * Moves back what the committed transfer `id` has moved, all that is left unless told, by a
   * transfer of its own; asks again as `transfer` does.
   * @throws {ApiError} if nothing was begun
   */
  reverse(id: string, request?: ReversalRequest, options?: TransferOptions): Promise<Outcome>;
  /**
   * Aborts a transfer that is not decided yet. Sent once, and may be repeated.
   * @throws {ApiError} `already-decided` if it came too late
   */
  cancel(id: string, options?: ReadOptions): Promise<Transfer>;
  /** `waitSeconds`: holds the answer for so long while the transfer is undecided, 0 to 60. */
  getTransfer(
    id: string,
    options?: ReadOptions & { readonly waitSeconds?: number | undefined },
  ): Promise<Transfer>;
  /** Newest first, over all pages. */
  transfers(filter?: TransferFilter, options?: HistoryOptions): AsyncIterable<Transfer>;
  /** Over all pages. */
  participants(filter?: ParticipantFilter, options?: ReadOptions): AsyncIterable<ParticipantInfo>;
  participant(name: string, options?: ReadOptions): Promise<ParticipantInfo>;
  /** Every step that is known, in order of time. */
  timeline(id: string, options?: ReadOptions): Promise<Timeline>;
  /** What the coordinator's log has of a transfer, record by record. */
  records(id: string, options?: ReadOptions): Promise<LogRecords>;
  /**
   * What happens from now on, or from `after`: each event once, over as many connections as it
   * takes. Each connection begins with `connected`. Without a signal, only `break` ends it.
   * @throws {ApiError} if the first connection fails, or the node says that trying is no use
   */
  events(options?: EventsOptions): AsyncIterable<Event>;
  /**
   * All balances of all participants as of one moment.
   * @throws {ApiError} `in-doubt` while that cannot be told; its `problem` names the `transfers`
   */
  snapshot(options?: ReadOptions): Promise<Snapshot>;
  /** What an error with this code means, and what to do about it. */
  problem(code: string, options?: ReadOptions): Promise<ProblemKind>;
  /** Answers as long as the node runs at all. */
  live(options?: ReadOptions): Promise<Live>;
  /** @throws {ApiError} also while it is not ready */
  ready(options?: ReadOptions): Promise<Ready>;
}

/**
 * A coordinator to talk to; nothing is sent before the first request.
 * @throws {TypeError} if `url` is not an http or https URL, or the key not visible ASCII
 */
export function connect(url: string, connection: ConnectOptions = {}): Unanimous {
  const node = openConnection(url, connection);
  const { timeoutMs } = node;
  return {
    transfer: (request, options = {}) => sendTransfer(node, request, options),
    transferMany: (requests, options = {}) => sendTransfers(node, requests, options),
    reverse: (id, request = {}, options = {}) => sendReversal(node, { id, request }, options),
    cancel: (id, read = {}) =>
      ask(node, isTransfer, (via) => cancelTransfer({ ...via, path: { id } }), read),
    getTransfer(id, { waitSeconds, signal } = {}) {
      const [path, headers] = [{ id }, preferHeader({ waitSeconds })];
      const ms = timeoutMs + (waitSeconds ?? 0) * 1000;
      return ask(node, isTransfer, (via) => getTransfer({ ...via, path, headers }), { signal, ms });
    },
    transfers({ pageSize: limit = 100, ...filter } = {}, read = {}) {
      const isPage = isListOf(isTransfer);
      const page = (cursor: { cursor?: string }) => {
        const query = { ...filter, limit, ...cursor };
        return ask(node, isPage, (via) => listTransfers({ ...via, query }), read);
      };
      return items(node, page, read.onArchived);
    },
    participants(filter = {}, read = {}) {
      const isPage = isListOf(isParticipant);
      return items(node, (cursor) => {
        const query = { ...filter, limit: 100, ...cursor };
        return ask(node, isPage, (via) => listParticipants({ ...via, query }), read);
      });
    },
    participant: (name, read = {}) =>
      ask(node, isParticipant, (via) => getParticipant({ ...via, path: { name } }), read),
    timeline: (id, read = {}) =>
      ask(node, isTimeline, (via) => getTimeline({ ...via, path: { id } }), read),
    records: (id, read = {}) =>
      ask(node, isLogRecords, (via) => getTransferRecords({ ...via, path: { id } }), read),
    events: (options = {}) => followEvents(node, options),
    snapshot: (read = {}) => ask(node, isSnapshot, getSnapshot, read),
    problem: (code, read = {}) =>
      ask(node, isProblemKind, (via) => getProblem({ ...via, path: { code } }), read),
    live: (read = {}) => ask(node, isLive, checkLive, read),
    ready: (read = {}) => ask(node, isReady, checkReady, read),
  };
}
