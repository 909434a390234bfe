/** All balances as of one commit timestamp (PROTOCOL.md, snapshots). */
import type { Contract } from '../http/contract.ts';
import { TransportError, type SentKeys, type Transport } from '../http/transport.ts';
import type { Member } from './directory.ts';
import { parseBalances, parseProblem, type Balances } from './reply.ts';

export interface Snapshot {
  readonly timestamp: number;
  readonly accounts: readonly {
    readonly participant: string;
    readonly account: string;
    readonly currency: string;
    /** Minor units. */
    readonly posted: number;
  }[];
  /** Null: above 2^53 − 1. */
  readonly totals: readonly { readonly currency: string; readonly posted: number | null }[];
  /** What the totals are off by, since an operator resolved against a decision. */
  readonly damage: readonly {
    readonly participant: string;
    readonly transferId: string;
    readonly account: string;
    readonly currency: string;
    readonly amount: number;
  }[];
}

export type SnapshotOutcome =
  | { readonly outcome: 'taken'; readonly snapshot: Snapshot }
  /** These transfers were still undecided, for all that the participants know. */
  | { readonly outcome: 'in-doubt'; readonly transfers: readonly string[] }
  | { readonly outcome: 'unavailable'; readonly participants: readonly string[] };

export interface SnapshotOptions {
  members(): readonly Member[];
  /** The participants' contract: a reply that breaks it is no reply. */
  readonly contract: Contract;
  readonly transport: Transport;
  readonly keys: SentKeys;
  /** The highest durable commit timestamp now. */
  timestamp(): number;
  /** How long participants wait for decisions. Milliseconds. */
  readonly timeoutMs: number;
}

type Reading =
  | { readonly outcome: 'read'; readonly participant: string; readonly balances: Balances }
  | { readonly outcome: 'in-doubt'; readonly transfers: readonly string[] }
  | { readonly outcome: 'expired'; readonly participant: string }
  | { readonly outcome: 'unavailable'; readonly participant: string };

/** How often a new timestamp is tried when a participant cannot go back to the one before. */
const mostAttempts = 3;

/** What a participant that waits as long as it may needs on top of that. Milliseconds. */
const marginMs = 1_000;

/**
 * Asks every participant for its balances as of the highest durable commit timestamp. What was
 * acknowledged to anybody before is in it, and a transfer is in it everywhere or nowhere.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<SnapshotOutcome> {
  for (let attempt = 1; ; attempt++) {
    const timestamp = options.timestamp();
    const readings = await Promise.all(
      options.members().map((member) => balancesOf(member, timestamp, options)),
    );
    const waiting = readings.flatMap((one) => (one.outcome === 'in-doubt' ? one.transfers : []));
    if (waiting.length > 0) return { outcome: 'in-doubt', transfers: [...new Set(waiting)] };
    const absent = readings.filter((one) => one.outcome === 'unavailable');
    const expired = readings.filter((one) => one.outcome === 'expired');
    if (absent.length === 0 && expired.length > 0 && attempt < mostAttempts) continue;
    const missing = [...absent, ...expired];
    if (missing.length > 0) {
      const participants = missing.map(({ participant }) => participant);
      return { outcome: 'unavailable', participants };
    }
    const read = readings.filter((one) => one.outcome === 'read');
    return { outcome: 'taken', snapshot: addUp(timestamp, read) };
  }
}

/**
 * Takes one snapshot at a time. Whoever asks meanwhile shares the next one, for the one under way
 * may lack what was acknowledged since: so many readers take no connections from the transfers.
 */
export class Snapshots {
  readonly #options: () => SnapshotOptions;
  #underWay: Promise<SnapshotOutcome> | undefined;
  #next: Promise<SnapshotOutcome> | undefined;

  constructor(options: () => SnapshotOptions) {
    this.#options = options;
  }

  take(): Promise<SnapshotOutcome> {
    if (!this.#underWay) return this.#start();
    const start = () => {
      this.#next = undefined;
      return this.#start();
    };
    return (this.#next ??= this.#underWay.then(start, start));
  }

  #start(): Promise<SnapshotOutcome> {
    const taken = takeSnapshot(this.#options());
    this.#underWay = taken;
    const over = () => {
      if (this.#underWay === taken) this.#underWay = undefined;
    };
    taken.then(over, over);
    return taken;
  }
}

async function balancesOf(
  { name, store, address }: Member,
  at: number,
  { contract, transport, keys, timeoutMs }: SnapshotOptions,
): Promise<Reading> {
  try {
    const { status, body } = await transport.send({
      method: 'GET',
      url: `${address}/balances?at=${at}&timeoutMs=${timeoutMs}`,
      to: name,
      timeoutMs: timeoutMs + marginMs,
      keys: keys(),
    });
    const kept = contract.replyErrors('getBalances', status, body) === null;
    const { code, transfers = [] } = kept ? parseProblem(body) : {};
    if (code === 'in-doubt') return { outcome: 'in-doubt', transfers };
    if (code === 'snapshot-expired') return { outcome: 'expired', participant: name };
    const balances = kept && status === 200 ? parseBalances(body) : undefined;
    const usable = balances?.participant.store === store && balances.timestamp === at;
    return usable
      ? { outcome: 'read', participant: name, balances }
      : { outcome: 'unavailable', participant: name };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { outcome: 'unavailable', participant: name };
  }
}

function addUp(timestamp: number, readings: (Reading & { outcome: 'read' })[]): Snapshot {
  const accounts = readings.flatMap(({ participant, balances }) =>
    balances.accounts.map((account) => ({ participant, ...account })),
  );
  const totals = new Map<string, bigint>();
  for (const { currency, posted } of accounts) {
    totals.set(currency, (totals.get(currency) ?? 0n) + BigInt(posted));
  }
  return {
    timestamp,
    accounts,
    totals: [...totals].map(([currency, sum]) => {
      const posted = Number(sum);
      return { currency, posted: Number.isSafeInteger(posted) ? posted : null };
    }),
    damage: readings.flatMap(({ participant, balances }) =>
      balances.damage.map(({ id, ...rest }) => ({ participant, transferId: id, ...rest })),
    ),
  };
}
