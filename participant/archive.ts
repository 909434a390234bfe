import { ArchivedError } from '../log/archived.ts';
import type { Entry, Log } from '../log/log.ts';
import { apply } from './apply.ts';
import type { Fact } from './participant.ts';
import type { Branch, BranchRecord, Resource } from './records.ts';
import { initial, partsOf } from './state.ts';

/** One line of an account's statement. Amounts in minor units. */
export interface StatementLine {
  readonly kind: 'opening' | 'transfer' | 'resolution' | 'compensation';
  readonly at: string;
  readonly amount: number;
  /** What was posted after it. */
  readonly balance: number;
  readonly transferId?: string;
  /** The commit timestamp. */
  readonly timestamp?: number;
}

/** A place in a statement: so many lines of the record at this position were shown. */
export interface Place {
  readonly position: number;
  readonly shown: number;
}

/** Lines of a statement, newest first, and where it goes on; null after the first one there is. */
export interface StatementPage {
  readonly lines: readonly StatementLine[];
  readonly next: Place | null;
  /** Where all that is older was moved to. */
  readonly archivedTo?: string;
}

/** How many records a promise may stand before its abort's segment: more than are in flight. */
const lookBack = 100_000;

/** Nothing is booked again when an old story is told. */
const inert: Resource = {
  prepare: () => null,
  prepared: () => undefined,
  commit: () => [],
  committed: () => undefined,
  aborted: () => undefined,
};

/**
 * What has left memory, read from the log (PROTOCOL.md, forgetting). A search holds one segment in
 * memory at a time, however long the log is.
 */
export class Archive {
  readonly #log: Log<Fact>;

  constructor(log: Log<Fact>) {
    this.#log = log;
  }

  /**
   * A branch that is decided; undefined when this participant never had a part in it.
   * @throws ArchivedError when that, or a part of its story, may be in what was moved elsewhere
   */
  async branch(id: string): Promise<Branch | undefined> {
    const state = initial(inert);
    for (const { record } of await this.story(id)) apply(state, record);
    return state.branches.get(id);
  }

  /** A page of an account's statement, from `from` on backwards; the newest lines without it. */
  async statement(account: string, most: number, from?: Place): Promise<StatementPage> {
    const lines: StatementLine[] = [];
    const { position = this.#log.durablePosition, shown = 0 } = from ?? {};
    const text = JSON.stringify(account);
    try {
      for await (const { sequence, record } of this.#log.search(text, position, 0)) {
        const all = linesOf(record, account);
        const skipped = sequence === position ? shown : 0;
        for (const [index, line] of [...all.entries()].slice(skipped)) {
          if (lines.length === most) return { lines, next: { position: sequence, shown: index } };
          lines.push(line);
        }
      }
    } catch (error) {
      if (!(error instanceof ArchivedError)) throw error;
      return { lines, next: null, archivedTo: error.to };
    }
    return { lines, next: null };
  }

  /**
   * The records of a branch, oldest first. Ids appear in the log nearly in their order, so its
   * first record is looked for from the segment of its neighbours on, and then before it.
   * @param now what the branch has come to, if it is in memory: nothing is behind that
   * @throws ArchivedError when some of them may be in what was moved elsewhere
   */
  async story(id: string, now?: Branch['state']): Promise<Entry<BranchRecord>[]> {
    const text = `"id":${JSON.stringify(id)}`;
    const { epoch, number } = partsOf(id);
    const moved = (await this.#log.archived()).at(-1);
    const oldest = (moved?.sequence ?? 0) + 1;
    const first = Math.max(oldest, this.#log.around([epoch, number]).first);
    const story: Entry<BranchRecord>[] = [];
    const { durablePosition } = this.#log;
    for await (const { sequence, record } of this.#log.search(text, first, durablePosition)) {
      if (!isAbout(record, id)) continue;
      story.push({ sequence, record });
      if (isLast(record) || record.type === now) break;
    }
    const earliest = story[0]?.record;
    if (first === 1 || earliest?.type === 'prepared') return story;
    const end = earliest?.type === 'aborted' ? Math.max(1, first - lookBack) : 1;
    const back = this.#backwards(text, first - 1, Math.max(end, oldest));
    for await (const { sequence, record } of back) {
      if (!isAbout(record, id)) continue;
      story.unshift({ sequence, record });
      if (record.type === 'prepared') return story;
    }
    // A no had no promise before it.
    const isNo = earliest?.type === 'aborted' && earliest.code !== undefined;
    if (moved && end < oldest && !isNo) throw new ArchivedError(moved);
    return story;
  }

  async *#backwards(text: string, from: number, to: number): AsyncGenerator<Entry<Fact>> {
    if (from >= to) yield* this.#log.search(text, from, to);
  }
}

/** A text can stand anywhere in a record; an account may be called like a transfer. */
function isAbout(record: Fact, id: string): record is BranchRecord & { readonly id: string } {
  switch (record.type) {
    case 'prepared':
    case 'committed':
    case 'aborted':
    case 'resolved':
    case 'confirmed':
    case 'damaged':
    case 'dismissed':
      return record.id === id;
    default:
      return false;
  }
}

/** What is forgotten was decided, and its damage dismissed. */
const isLast = ({ type }: BranchRecord) =>
  type === 'committed' || type === 'aborted' || type === 'confirmed' || type === 'dismissed';

/** What a record has booked on an account, the last booking first. */
function linesOf(record: Fact, account: string): StatementLine[] {
  const { type } = record;
  if (type === 'opened') {
    if (record.id !== account) return [];
    const { at, balance } = record;
    return [{ kind: 'opening', at, amount: balance, balance }];
  }
  if (type !== 'committed' && type !== 'resolved' && type !== 'dismissed') return [];
  const { at, id: transferId } = record;
  const when = type === 'committed' ? { timestamp: record.timestamp } : {};
  return record.entries
    .filter((entry) => entry.account === account)
    .map(({ amount, balance }) => ({ kind: kinds[type], at, amount, balance, transferId, ...when }))
    .reverse();
}

const kinds = {
  committed: 'transfer',
  resolved: 'resolution',
  dismissed: 'compensation',
} as const;
