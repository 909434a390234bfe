import type { Clock } from '../log/clock.ts';
import type { Ledger } from './ledger.ts';
import type { Branch, BranchLeg, BranchRecord, Entry } from './records.ts';
import { invariant, partsOf, type State } from './state.ts';

/** All balances as of one commit timestamp of the coordinator. */
export interface Balances {
  readonly timestamp: number;
  readonly accounts: readonly { account: string; currency: string; posted: number }[];
  /** What the balances lack, by operators' resolutions that proved wrong. */
  readonly damage: readonly Lack[];
}

/** What the decision about one transfer lacks on one account. */
export type Lack = BranchLeg & { readonly id: string };

/** Balances, or why there are none: too old to be known, or transfers that stayed in doubt. */
export type Reading = Balances | { readonly expired: number } | { readonly inDoubt: string[] };

/** A commit that a reading of an older timestamp has to take back. */
interface Movement {
  readonly store: string;
  readonly timestamp: number;
  readonly amounts: readonly Pick<Entry, 'account' | 'amount'>[];
}

/** Balances by account, while they are made up. */
type Lines = Map<string, { readonly account: string; readonly currency: string; posted: number }>;

interface Reader {
  readonly at: number;
  readonly lines: Lines;
  readonly lacks: Lack[];
  readonly waiting: Set<string>;
  readonly done: () => void;
}

/** Commits that can be taken back. */
const depth = 10_000;

/**
 * Balances as of a commit timestamp, without clocks (PROTOCOL.md, snapshots). A reading takes back
 * what was committed above its timestamp, and waits for what could still commit below it: what is
 * prepared when it arrives. What is prepared later gets a timestamp above it.
 */
export class Snapshots {
  readonly #state: State;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #recent: Movement[] = [];
  /** By coordinator's store: what was committed up to here cannot be taken back. */
  readonly #floors = new Map<string, number>();
  readonly #readers = new Set<Reader>();
  #served = 0;

  constructor(state: State, ledger: Ledger, clock: Clock) {
    this.#state = state;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** The highest timestamp that a reading has had: nothing may commit unseen below it. */
  get served(): number {
    return this.#served;
  }

  /** A timestamp that may have been read here before this start, or is about to be. */
  serve(timestamp: number): void {
    this.#served = Math.max(this.#served, timestamp);
  }

  /** After the replay: nothing that it has committed can be taken back. */
  begin(): void {
    for (const [store, { committed }] of this.#state.coordinators) {
      this.#floors.set(store, committed);
    }
  }

  /** Follows the log. @param before the branch before the record */
  observe(record: BranchRecord, before: Branch | undefined): void {
    switch (record.type) {
      case 'committed':
        this.#remember(record.id, record.timestamp, record.entries);
        this.#settle(record.id, record.entries, record.timestamp);
        return;
      case 'aborted':
        this.#settle(record.id, []);
        return;
      case 'resolved':
        // It is booked, or not; who reads still waits for the decision.
        for (const { lines, waiting } of this.#readers) {
          if (waiting.has(record.id)) add(lines, record.entries, 1);
        }
        return;
      case 'confirmed':
        invariant(before !== undefined, `${record.id} was resolved before it is confirmed`);
        this.#remember(record.id, record.timestamp, before.legs);
        this.#over(record.id, ({ at, lines }) => {
          if ((record.timestamp ?? 0) > at) add(lines, before.legs, -1);
        });
        return;
      case 'damaged':
        this.#over(record.id, ({ at, lacks }) => {
          lacks.push(...lacksAt(at, record.id, record));
        });
        return;
      case 'dismissed':
        this.#remember(record.id, before?.timestamp, record.entries);
        return;
      case 'prepared':
      case 'watermark':
      case 'remembered':
      case 'seen':
        return;
    }
  }

  /**
   * The balances as of `at`, a timestamp of the coordinator `store`, once they are sure; for at
   * most `timeoutMs`.
   */
  read(store: string, at: number, timeoutMs: number): Promise<Reading> {
    const expired = this.#floors.get(store) ?? 0;
    if (at < expired) return Promise.resolve({ expired });
    this.serve(at);
    const lines = this.#linesAt(store, at);
    const waiting = new Set(this.#undecided(store, at));
    const lacks = [...this.#state.damaged].flatMap((id) => this.#lacks(at, id));
    if (waiting.size === 0) return Promise.resolve(balances(at, lines, lacks));
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#readers.delete(reader);
        resolve({ inDoubt: [...waiting] });
      });
      const done = () => {
        cancel();
        this.#readers.delete(reader);
        resolve(balances(at, lines, lacks));
      };
      const reader: Reader = { at, lines, lacks, waiting, done };
      this.#readers.add(reader);
    });
  }

  #linesAt(store: string, at: number): Lines {
    const lines: Lines = new Map();
    for (const { id: account, currency, posted } of this.#ledger.accounts()) {
      lines.set(account, { account, currency, posted });
    }
    for (const movement of this.#recent) {
      if (movement.store === store && movement.timestamp > at) add(lines, movement.amounts, -1);
    }
    for (const id of this.#state.prepared) {
      const { resolution, legs = [], lowerTs = 0 } = this.#state.branches.get(id) ?? {};
      // An operator has booked what can only be committed later.
      const isLater = partsOf(id).store === store && lowerTs >= at;
      if (isLater && resolution?.outcome === 'committed') add(lines, legs, -1);
    }
    return lines;
  }

  /** Also what an operator has resolved: until its decision is heard, it may be wrong. */
  *#undecided(store: string, at: number): Iterable<string> {
    for (const id of this.#state.prepared) {
      const { lowerTs = 0 } = this.#state.branches.get(id) ?? {};
      if (partsOf(id).store === store && lowerTs < at) yield id;
    }
  }

  #lacks(at: number, id: string): readonly Lack[] {
    const branch = this.#state.branches.get(id);
    const { damage, timestamp } = branch ?? {};
    if (!damage) return [];
    return lacksAt(at, id, { damage: damage.entries, ...(timestamp && { timestamp }) });
  }

  #remember(id: string, timestamp: number | undefined, amounts: Movement['amounts']): void {
    if (timestamp === undefined) return;
    this.#recent.push({ store: partsOf(id).store, timestamp, amounts });
    const oldest = this.#recent.length > depth ? this.#recent.shift() : undefined;
    if (!oldest) return;
    const floor = this.#floors.get(oldest.store) ?? 0;
    this.#floors.set(oldest.store, Math.max(floor, oldest.timestamp));
  }

  #settle(id: string, entries: readonly Entry[], timestamp = 0): void {
    this.#over(id, ({ at, lines }) => {
      if (timestamp <= at) add(lines, entries, 1);
    });
  }

  /** Nobody waits for a branch any more. */
  #over(id: string, change: (reader: Reader) => void): void {
    for (const reader of [...this.#readers]) {
      if (!reader.waiting.delete(id)) continue;
      change(reader);
      if (reader.waiting.size === 0) reader.done();
    }
  }
}

const balances = (timestamp: number, lines: Lines, damage: readonly Lack[]): Balances => ({
  timestamp,
  accounts: [...lines.values()],
  damage,
});

function add(lines: Lines, amounts: Movement['amounts'], sign: 1 | -1): void {
  for (const { account, amount } of amounts) {
    const line = lines.get(account);
    invariant(line !== undefined, `account ${account} was open when a reading arrived`);
    line.posted += sign * amount;
  }
}

/** What is missing of a commit above the timestamp is not missing yet. */
function lacksAt(
  at: number,
  id: string,
  { damage, timestamp = 0 }: { damage: readonly BranchLeg[]; timestamp?: number },
): Lack[] {
  if (timestamp > at) return [];
  return damage.map(({ account, currency, amount }) => ({ id, account, currency, amount }));
}
