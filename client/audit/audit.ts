/**
 * Proves from the stores of all nodes what the protocol promises, or disproves it. Participants
 * are read first: a decision is durable before its commit leaves, so a commit without a decision
 * is wrong even if the cluster is running, and whatever else is missing is still under way.
 */
import type { Entry, LogRecord } from '../../log/log.ts';
import type { Place, StoreSource, TablesReader } from '../../log/read-store.ts';
import { type Identity, StoreError } from '../../log/store.ts';
import { Agreement, type Debt } from './agreement.ts';
import { listOf, type Money } from './amounts.ts';
import { CoordinatorAudit } from './coordinator.ts';
import { Findings } from './findings.ts';
import { ParticipantAudit } from './participant.ts';
import { type CoordinatorRecord, knownTypes, parseId, type ParticipantRecord } from './records.ts';
import { checkTotals, type Report, type StoreSummary, totalsOf } from './report.ts';
import { nameMismatches, nameSuspects, type Reread } from './second-look.ts';
import { TablesAudit } from './tables.ts';

export interface AuditOptions {
  readonly sources: readonly StoreSource[];
  readonly money: Money;
  /** Told after each segment that was read. */
  readonly onProgress: (place: string, segment: number, records: number) => void;
}

interface Store {
  readonly source: StoreSource;
  readonly identity: Identity;
}

interface Read<A> extends Store {
  readonly audit: A;
  readonly place: Place;
}

/**
 * Audits stores, of running nodes too: nothing is locked or changed.
 * @throws StoreError when two places hold the same store
 */
export async function audit(options: AuditOptions): Promise<Report> {
  return new Audit(options).run();
}

class Audit {
  readonly #options: AuditOptions;
  readonly #findings = new Findings();
  readonly #agreement: Agreement;
  readonly #stores: StoreSummary[] = [];
  readonly #participants = new Map<string, Read<ParticipantAudit>>();
  readonly #coordinators = new Map<string, Read<CoordinatorAudit>>();

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#agreement = new Agreement(this.#findings, options.money);
  }

  async run(): Promise<Report> {
    const stores = await this.#identify();
    for (const store of stores) {
      if (store.identity.role === 'participant') await this.#readParticipant(store);
    }
    for (const store of stores) {
      if (store.identity.role === 'coordinator') await this.#readCoordinator(store);
    }
    for (const { audit: one } of this.#coordinators.values()) one.finish();
    this.#checkUnknown();
    await this.#checkDebts();
    await this.#lookAgain();
    await this.#checkEpochs();
    this.#sayWhatIsMissing();
    return this.#report();
  }

  /** Who the stores are. One that cannot be read is a violation, and left out. */
  async #identify(): Promise<Store[]> {
    const stores = new Map<string, Store>();
    for (const source of this.#options.sources) {
      const identity = await this.#proven(source, () => source.identity());
      const twin = identity && stores.get(identity.store);
      if (twin) {
        throw new StoreError(
          `${twin.source.place} and ${source.place} both hold the store ${identity.store}: ` +
            'give one of them',
        );
      }
      if (identity) stores.set(identity.store, { source, identity });
    }
    return [...stores.values()];
  }

  async #readParticipant(store: Store): Promise<void> {
    const { identity, source } = store;
    const { money } = this.#options;
    const one = new ParticipantAudit(identity.store, source.place, this.#findings, money);
    const tables = source.hasTables
      ? new TablesAudit(source.place, this.#findings, money)
      : undefined;
    const place = await this.#readStore<ParticipantRecord>(store, one, tables);
    if (place) this.#participants.set(identity.store, { ...store, audit: one, place });
  }

  async #readCoordinator(store: Store): Promise<void> {
    const participants = new Map(
      [...this.#participants].map(([id, { audit: one }]) => [id, one] as const),
    );
    const { identity } = store;
    const one = new CoordinatorAudit(identity.store, participants, this.#agreement, this.#findings);
    const place = await this.#readStore<CoordinatorRecord>(store, one);
    if (place) this.#coordinators.set(identity.store, { ...store, audit: one, place });
  }

  /** Hands all records of a store to its audit; undefined if it is damaged, or a part not there. */
  async #readStore<R extends LogRecord>(
    { source, identity }: Store,
    one: { take(record: R): void; compare(state: Iterable<R>): void },
    tables?: Required<TablesReader> & { take(entry: Entry<R>): void },
  ): Promise<Place | undefined> {
    const { place: where } = source;
    const strange = new Map<string, number>();
    const reading = await this.#proven(source, () =>
      source.read<R>({
        take: (entry) => {
          const { sequence, record } = entry;
          const { type } = record;
          if (!knownTypes[identity.role].has(type)) strange.set(type, (strange.get(type) ?? 0) + 1);
          else
            this.#take(() => {
              one.take(record);
              tables?.take(entry);
            }, `record ${sequence} of ${where} ("${type}")`);
        },
        border: (state) => {
          one.compare(state);
        },
        ...(tables && {
          tables: (stored) => {
            tables.tables(stored);
          },
          entries: (entries) => {
            tables.entries(entries);
          },
        }),
        onSegment: (segment, records) => {
          this.#options.onProgress(where, segment, records);
        },
      }),
    );
    if (!reading) return undefined;
    const { notices, notChecked } = this.#findings;
    if (reading.torn !== undefined) notices.push(reading.torn);
    for (const [type, count] of strange) {
      notices.push(
        `${where} has ${count} records of the type "${type}", which this program does not know`,
      );
    }
    const { role, store, epoch } = identity;
    this.#stores.push({ folder: where, role, store, epoch, records: reading.place.sequence });
    if (reading.unseen) {
      const { message } = reading.unseen;
      notChecked.push(`what ${where} says: ${message}, and are not there; give --archive`);
      return undefined;
    }
    return reading.place;
  }

  /** Its crc is right: so whoever has written it was not a node. */
  #take(take: () => void, what: string): void {
    try {
      take();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.#findings.violate(
        'store',
        `${what} does not have what its type needs: ${error.message}`,
      );
    }
  }

  async #proven<T>({ place }: StoreSource, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#findings.violate('store', error.message);
      this.#findings.notChecked.push(`what depends on ${place}: it cannot be read`);
      return undefined;
    }
  }

  /** Commits and resolutions of which a coordinator that was read has no record. */
  #checkUnknown(): void {
    for (const { audit: one } of this.#participants.values()) {
      const check = (id: string) => {
        const coordinator = this.#coordinators.get(parseId(id)?.store ?? '')?.audit;
        if (!coordinator || coordinator.open.has(id)) return;
        if (coordinator.decisions.get(id).state === 'none') this.#agreement.unknown(one, id);
      };
      for (const id of one.branches.inState('committed')) check(id);
      for (const id of one.resolutions.keys()) check(id);
    }
  }

  /** What was not there when a participant was read must have been recorded meanwhile. */
  async #checkDebts(): Promise<void> {
    for (const { audit: one, source, place } of this.#participants.values()) {
      const debts = this.#agreement.debts.get(one);
      if (!debts) continue;
      const said = new Set(one.prepared.keys());
      const done = new Set<string>();
      const take = ({ record }: Entry<ParticipantRecord>) => {
        if (!('id' in record) || !debts.has(record.id)) return;
        if (record.type === 'prepared') said.add(record.id);
        else if (record.type !== 'aborted') done.add(record.id);
      };
      await this.#proven(source, () => source.readOn(take, place));
      for (const [id, debt] of debts) this.#checkDebt(one, id, debt, { said, done });
    }
  }

  #checkDebt(
    { name }: ParticipantAudit,
    id: string,
    { what, legs }: Debt,
    { said, done }: Record<'said' | 'done', ReadonlySet<string>>,
  ): void {
    if (done.has(id) || (what === 'yes' && said.has(id))) return;
    if (said.has(id)) {
      const text = `${id} has ended, and ${name} has still not carried out its commit`;
      this.#findings.violate('outcome', text, id);
      return;
    }
    const text = `${id} has committed, and ${name} has no record of its yes`;
    const lack = listOf(legs, this.#options.money);
    this.#findings.violate('vote', `${text}: it lacks ${lack}`, id);
  }

  async #lookAgain(): Promise<void> {
    const { mismatches } = this.#agreement;
    const { money } = this.#options;
    for (const { audit: one, source } of this.#participants.values()) {
      const mine = mismatches.filter(({ participant }) => participant === one);
      await nameMismatches(mine, this.#reread(source), this.#findings, money);
    }
    for (const { audit: one, source } of this.#coordinators.values()) {
      await nameSuspects(one, this.#reread(source), this.#findings, money);
    }
  }

  #reread(source: StoreSource): Reread {
    return async (take) => {
      const all = ({ record }: Entry<ParticipantRecord | CoordinatorRecord>) => {
        take(record);
      };
      await this.#proven(source, () => source.read({ take: all }));
    };
  }

  /** An epoch is forced before a node does anything in an epoch: so it is read at the end. */
  async #checkEpochs(): Promise<void> {
    const seen = (store: string): number[] => [
      ...[...this.#coordinators.values()].flatMap(({ audit: one }) => [
        ...(one.store === store ? [one.last.epoch] : []),
        ...[...one.members.values()].map((member) => (member.store === store ? member.epoch : 0)),
      ]),
      ...[...this.#participants.values()].map(({ audit: one }) => one.epochs.get(store) ?? 0),
    ];
    for (const { source, identity } of [
      ...this.#participants.values(),
      ...this.#coordinators.values(),
    ]) {
      const now = await this.#proven(source, () => source.identity());
      if (!now) continue;
      const highest = Math.max(identity.epoch, ...seen(identity.store));
      if (now.epoch >= highest) continue;
      const text = `${source.place} is in epoch ${now.epoch}, and epoch ${highest} of it was seen`;
      this.#findings.violate('epoch', text);
    }
  }

  #sayWhatIsMissing(): void {
    const { notChecked } = this.#findings;
    const known = new Set(this.#coordinators.keys());
    for (const { audit: one } of this.#participants.values()) {
      const missing = [...one.coordinators].filter((store) => !known.has(store));
      if (missing.length === 0) continue;
      const stores = missing.join(', ');
      notChecked.push(
        `decisions, outcomes and totals of ${one.name}: give the coordinator's folder too ` +
          `(the store ${stores})`,
      );
    }
    for (const { audit: one } of this.#coordinators.values()) {
      for (const name of one.absent) {
        const store = one.members.get(name)?.store;
        const which = store === undefined ? '' : ` (the store ${store})`;
        notChecked.push(`what ${name} has done, and totals: give its folder too${which}`);
      }
    }
  }

  #report(): Report {
    const { violations, notices, notChecked } = this.#findings;
    const coordinators = [...this.#coordinators.values()].map(({ audit: one }) => one);
    const sum = (state: 'committed' | 'aborted') =>
      coordinators.reduce((all, { counts }) => all + counts[state], 0);
    const undecided = coordinators
      .flatMap(({ open }) => [...open.values()])
      .filter(({ begun }) => begun !== undefined).length;
    const participants = [...this.#participants.values()].map(({ audit: one }) => one);
    const books = participants.flatMap((one) => [...one.books.all()]);
    const totals = totalsOf(books, this.#agreement.gaps);
    const isWhole = coordinators.length > 0 && notChecked.length === 0;
    if (isWhole) checkTotals(totals, this.#findings, this.#options.money);
    return {
      stores: this.#stores.map((store) => {
        const name = this.#participants.get(store.store)?.audit.name;
        return name === undefined ? store : { ...store, name };
      }),
      transfers: { committed: sum('committed'), aborted: sum('aborted'), undecided },
      totals,
      damage: this.#agreement.damage,
      notices,
      notChecked,
      violations,
      violationCount: this.#findings.count,
    };
  }
}
