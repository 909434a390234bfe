import { listOf, type Money } from './amounts.ts';
import { Books } from './books.ts';
import { BranchTable, type Row } from './branch-table.ts';
import type { Findings, Rule } from './findings.ts';
import {
  type Booked,
  type BranchLeg,
  type Committed,
  compareIds,
  type Confirmed,
  type Damaged,
  digestOfLegs,
  type Dismissed,
  negated,
  parseId,
  type ParticipantRecord,
  type Prepared,
  type Resolved,
  type TransferId,
  type Watermarked,
} from './records.ts';

/** A branch that an operator has resolved, or that could not do what was decided. */
export interface Resolution {
  /** What the operator has chosen; nobody has, if the branch was never prepared. */
  readonly outcome?: 'committed' | 'aborted';
  readonly legs: readonly BranchLeg[];
  /** The true decision, once it was heard. */
  decision?: Confirmed | Damaged;
  /** What has to be added to make it right. */
  damage: readonly BranchLeg[];
  /** What was booked instead, once it was dismissed. */
  dismissal?: readonly BranchLeg[];
}

/** Up to where a participant may forget, but for what is listed. */
export interface Watermark extends TransferId {
  readonly except: readonly string[];
}

/** Checks the records of one participant, in order, and keeps what coordinators must agree with. */
export class ParticipantAudit {
  readonly store: string;
  readonly folder: string;
  /** Its own, once it is known; before, its folder's. */
  name: string;
  readonly books: Books;
  readonly branches = new BranchTable();
  readonly prepared = new Map<string, Prepared>();
  readonly resolutions = new Map<string, Resolution>();
  /** The highest one of each coordinator's store. */
  readonly watermarks = new Map<string, Watermark>();
  /** The coordinators' stores whose transfers it has. */
  readonly coordinators = new Set<string>();
  /** The highest epoch of each coordinator's store that it was named. */
  readonly epochs = new Map<string, number>();
  /** Prepared when a watermark had passed them: they must not commit any more. */
  readonly passed = new Set<string>();
  readonly #findings: Findings;
  readonly #money: Money;

  constructor(store: string, folder: string, findings: Findings, money: Money) {
    this.store = store;
    this.folder = folder;
    this.name = folder.split('/').findLast((part) => part !== '') ?? folder;
    this.#findings = findings;
    this.#money = money;
    this.books = new Books(this, findings, money);
  }

  take(record: ParticipantRecord): void {
    switch (record.type) {
      case 'opened':
        this.books.open(record);
        return;
      case 'prepared':
        if (this.#knows(record.id)) this.#prepare(record);
        return;
      case 'committed':
        if (this.#knows(record.id)) this.#commit(record);
        return;
      case 'aborted':
        if (this.#knows(record.id)) this.#abort(record.id);
        return;
      case 'resolved':
        if (this.#knows(record.id)) this.#resolve(record);
        return;
      case 'confirmed':
      case 'damaged':
        if (this.#knows(record.id)) this.#learn(record);
        return;
      case 'dismissed':
        if (this.#knows(record.id)) this.#dismiss(record);
        return;
      case 'watermark':
        this.#pass(record);
        return;
      case 'named':
        this.name = record.name;
        this.#meet(record.coordinator);
        return;
      default:
        return;
    }
  }

  /** Compares the state that a checkpoint keeps with what the records before it add up to. */
  compare(state: Iterable<ParticipantRecord>): void {
    const left = new Set(this.prepared.keys());
    for (const record of state) {
      if (record.type === 'prepared') left.delete(record.id);
      if (record.type !== 'opened' || this.resolutions.size > 0) continue;
      const { id, currency, balance } = record;
      const posted = this.books.get(id)?.posted;
      if (posted === balance) continue;
      const says = `the checkpoint of ${this.name} gives ${id} ${this.#money(balance, currency)}`;
      const adds = posted === undefined ? 'nobody has opened it' : this.#money(posted, currency);
      this.#violate('balance', `${says}; its records say: ${adds}`);
    }
    for (const id of left) {
      const text = `the checkpoint of ${this.name} has lost the prepared branch of ${id}`;
      this.#violate('vote', text, id);
    }
  }

  /** Whether an id can be one: what has none belongs to nothing that could be checked. */
  #knows(id: string): boolean {
    const parsed = parseId(id);
    if (parsed) this.coordinators.add(parsed.store);
    else this.#violate('id', `${this.name} has a record of "${id}", which is no transfer's id`);
    return parsed !== undefined;
  }

  #prepare(record: Prepared): void {
    const { id, legs } = record;
    const { state } = this.branches.get(id);
    if (state !== 'none') {
      const rule: Rule = state === 'prepared' ? 'once' : 'outcome';
      this.#violate(rule, `${this.name} has prepared ${id} when it was ${state} already`, id);
      return;
    }
    this.prepared.set(id, record);
    this.branches.set(id, { state: 'prepared', timestamp: 0, digest: digestOfLegs(legs) });
    this.books.hold(id, legs);
  }

  #commit({ id, timestamp, entries }: Committed): void {
    const { state, digest } = this.branches.get(id);
    const promise = this.#release(id);
    const what = `${this.name} has committed ${id}`;
    const booked = this.books.list(entries);
    if (state === 'committed') {
      this.#violate('once', `${what} twice: ${booked} more`, id);
    } else if (state === 'none') {
      const text = `${what} (${booked}) without a yes: no prepared record comes first`;
      this.#violate('vote', text, id);
    } else if (!promise) {
      this.#violate('outcome', `${what} (${booked}) when it was ${state} already`, id);
    }
    if (promise) {
      this.#checkEntries(id, promise.legs, entries, 'legs');
      if (timestamp <= promise.lowerTs) {
        const text = `${what} at timestamp ${timestamp}, not above its lowerTs ${promise.lowerTs}`;
        this.#violate('timestamp', text, id);
      }
    }
    if (this.passed.delete(id)) {
      this.#violate('watermark', `${what} when the watermark had passed it already`, id);
    }
    this.branches.set(id, { state: 'committed', timestamp, digest });
    this.books.book(id, entries);
  }

  #abort(id: string): void {
    const row = this.branches.get(id);
    const promise = this.#release(id);
    if (!promise && row.state !== 'none') {
      const text = `${this.name} has aborted ${id} when it was ${row.state} already`;
      this.#violate(row.state === 'aborted' ? 'once' : 'outcome', text, id);
      return;
    }
    this.passed.delete(id);
    this.branches.set(id, { ...row, state: 'aborted' });
  }

  #resolve({ id, outcome, entries = [] }: Resolved): void {
    const row = this.branches.get(id);
    const promise = this.#release(id);
    if (!promise) {
      const text = `an operator has resolved ${id} at ${this.name} when it was ${row.state}`;
      this.#violate('outcome', text, id);
      return;
    }
    const { legs } = promise;
    this.#checkEntries(id, outcome === 'committed' ? legs : [], entries, 'legs');
    this.resolutions.set(id, { outcome, legs, damage: [] });
    this.branches.set(id, { ...row, state: 'resolved' });
    this.books.book(id, entries);
  }

  #learn(record: Confirmed | Damaged): void {
    const { id, state } = record;
    const known = this.resolutions.get(id);
    const what = `${this.name} has recorded that ${id} is ${state}`;
    if (known?.decision) {
      this.#violate('outcome', `${what} when it had recorded ${known.decision.state}`, id);
      return;
    }
    if (record.type === 'confirmed') {
      if (known?.outcome === state) known.decision = record;
      else this.#violate('outcome', `${what}, which is not how it was resolved`, id);
      return;
    }
    const before: Row = this.branches.get(id);
    const { damage } = record;
    // What a ledger could not take when it was caught up was never prepared there.
    const legs = known?.legs ?? this.#release(id)?.legs ?? damage;
    const due = state === 'committed' ? legs : negated(legs);
    if (known?.outcome === state || (!known && before.state === 'committed')) {
      this.#violate('outcome', `${what} as damage, and so it was ${state} already`, id);
    } else if (digestOfLegs(due) !== digestOfLegs(damage)) {
      const text = `its damage is ${this.#list(due)}, and ${this.#list(damage)} is reported`;
      this.#violate('damage', `${what}; ${text}`, id);
    }
    const { timestamp = 0 } = record;
    this.resolutions.set(id, { ...known, legs, decision: record, damage });
    this.branches.set(id, { state: 'resolved', timestamp, digest: digestOfLegs(legs) });
  }

  #dismiss({ id, entries }: Dismissed): void {
    const known = this.resolutions.get(id);
    if (known?.decision?.type !== 'damaged' || known.dismissal) {
      this.#violate('damage', `${this.name} has dismissed ${id}, which has no damage`, id);
    } else {
      if (entries.length > 0) this.#checkEntries(id, known.damage, entries, 'damage');
      known.dismissal = entries.length > 0 ? known.damage : [];
    }
    this.books.book(id, entries);
  }

  #pass({ store, watermark }: Watermarked): void {
    const { epoch, seq: number, except } = watermark;
    const mark = { store, epoch, number, except };
    const before = this.watermarks.get(store);
    if (before && compareIds(mark, before) < 0) {
      const text = `the watermark of ${store} at ${this.name} went back to ${epoch}-${number}`;
      this.#violate(epoch < before.epoch ? 'epoch' : 'watermark', text);
      return;
    }
    this.watermarks.set(store, mark);
    // A late message may bring that of an epoch that has ended.
    this.epochs.set(store, Math.max(this.epochs.get(store) ?? 0, epoch));
    for (const id of this.prepared.keys()) {
      if (isBelow(id, mark) && !except.includes(id)) this.passed.add(id);
    }
  }

  #meet({ store, epoch }: { store: string; epoch: number }): void {
    const before = this.epochs.get(store) ?? 0;
    if (epoch < before) {
      const text = `${this.name} heard of epoch ${epoch} of ${store} after epoch ${before}`;
      this.#violate('epoch', text);
    }
    this.epochs.set(store, Math.max(before, epoch));
  }

  /** A branch that was prepared is so no longer: what it held is free. */
  #release(id: string): Prepared | undefined {
    const promise = this.prepared.get(id);
    this.prepared.delete(id);
    this.books.release(promise?.legs ?? []);
    return promise;
  }

  #checkEntries(
    id: string,
    legs: readonly BranchLeg[],
    entries: readonly Booked[],
    rule: Rule,
  ): void {
    const same =
      legs.length === entries.length &&
      legs.every(({ account, amount }, index) => {
        const entry = entries[index];
        return entry?.account === account && entry.amount === amount;
      });
    if (same) return;
    const text = `${this.name} owes ${this.#list(legs)} to ${id}`;
    this.#violate(rule, `${text} and has booked ${this.books.list(entries)}`, id);
  }

  #list(legs: readonly BranchLeg[]): string {
    return listOf(legs, this.#money);
  }

  #violate(rule: Rule, text: string, id?: string): void {
    this.#findings.violate(rule, text, id);
  }
}

/** Whether a watermark has passed a transfer, but for its exceptions. */
export function isBelow(id: string, watermark: Watermark): boolean {
  const parsed = parseId(id);
  return parsed?.store === watermark.store && compareIds(parsed, watermark) < 0;
}
