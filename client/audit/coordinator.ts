import type { Agreement } from './agreement.ts';
import { BranchTable } from './branch-table.ts';
import type { Findings, Rule } from './findings.ts';
import { KeyHours } from './key-hours.ts';
import { NumberSet } from './number-set.ts';
import type { ParticipantAudit } from './participant.ts';
import {
  type Begun,
  compareIds,
  type CoordinatorRecord,
  type Decided,
  digestOf,
  type Ended,
  parseId,
  participantOf,
  type Registered,
} from './records.ts';

/** A transfer that has not ended: as it was begun, until it is decided; then who must still act. */
interface Open {
  readonly begun: Begun | undefined;
  readonly waiting: readonly ParticipantAudit[];
  readonly all: readonly ParticipantAudit[];
}

type Reversal = Begun['reverses'] & object;

/** Checks the records of one coordinator, in order, and each decision against the participants. */
export class CoordinatorAudit {
  readonly store: string;
  readonly counts = { committed: 0, aborted: 0 };
  readonly decisions = new BranchTable();
  readonly open = new Map<string, Open>();
  /** By name: which store has it, and its highest epoch. */
  readonly members = new Map<string, { store: string; epoch: number }>();
  /** What was begun to reverse another transfer, and not aborted. */
  readonly reversals = new Map<string, Reversal>();
  /** Seen before: a second reading of the store tells who has begun or committed with them. */
  readonly suspectKeys = new Set<string>();
  readonly suspectTimestamps = new Set<number>();
  /** Participants whose stores are missing. */
  readonly absent = new Set<string>();
  last = { epoch: 0, number: 0 };
  readonly #findings: Findings;
  readonly #agreement: Agreement;
  readonly #participants: ReadonlyMap<string, ParticipantAudit>;
  /** By digest: in which hour it has begun something. */
  readonly #keys = new Map<number, number>();
  readonly #hours = new KeyHours();
  readonly #timestamps = new NumberSet();

  /** @param participants by store */
  constructor(
    store: string,
    participants: ReadonlyMap<string, ParticipantAudit>,
    agreement: Agreement,
    findings: Findings,
  ) {
    this.store = store;
    this.#participants = participants;
    this.#agreement = agreement;
    this.#findings = findings;
  }

  take(record: CoordinatorRecord): void {
    switch (record.type) {
      case 'begun':
        this.#begin(record);
        return;
      case 'decided':
        this.#decide(record);
        return;
      case 'ended':
        this.#end(record);
        return;
      case 'registered':
        this.#register(record);
        return;
      case 'elapsed':
        this.#hours.take(record);
        // Nobody forgets the key of what has not ended.
        for (const { begun } of this.open.values()) {
          if (begun?.key !== undefined) this.#keys.set(digestOf(begun.key), this.#hours.now);
        }
        return;
    }
  }

  /** Compares the transfers that a checkpoint keeps with those that had not ended there. */
  compare(state: Iterable<CoordinatorRecord>): void {
    const left = new Set(this.open.keys());
    for (const record of state) if (record.type === 'begun') left.delete(record.id);
    for (const id of left) {
      const text = `the checkpoint of the coordinator has lost ${id}, which had not ended`;
      this.#findings.violate('decision', text, id);
    }
  }

  /** Looks at what had not ended when the store was read to its end. */
  finish(): void {
    for (const [id, { begun, all }] of this.open) {
      const isCommitted = this.decisions.get(id).state === 'committed';
      for (const participant of all) {
        if (begun) this.#agreement.undecided(begun, participant);
        // Nobody needs to remember an abort: it is presumed.
        else if (isCommitted) this.#agreement.unended(id, participant);
      }
    }
  }

  #begin(begun: Begun): void {
    const { id, legs, participants, key, reverses } = begun;
    const parsed = parseId(id);
    if (parsed?.store !== this.store) {
      this.#violate('id', `the coordinator has begun ${id}, an id that is not of its store`, id);
      return;
    }
    if (compareIds(parsed, this.last) <= 0) {
      const { epoch, number } = this.last;
      const rule: Rule = parsed.epoch < epoch ? 'epoch' : 'id';
      const text = `the coordinator has begun ${id} after ${this.store}-${epoch}-${number}`;
      this.#violate(rule, text, id);
      if (this.open.has(id) || this.decisions.get(id).state !== 'none') return;
    } else {
      this.last = parsed;
    }
    const named = new Set(legs.flatMap(({ from, to }) => [participantOf(from), participantOf(to)]));
    if (named.size !== participants.length || !participants.every((name) => named.has(name))) {
      const text = `${id} has legs at ${[...named].join(', ')}`;
      this.#violate('legs', `${text}, and its participants are ${participants.join(', ')}`, id);
    }
    if (key !== undefined) {
      const digest = digestOf(key);
      if (this.#hours.isKnown(this.#keys.get(digest))) this.suspectKeys.add(key);
      this.#keys.set(digest, this.#hours.now);
    }
    if (reverses) this.reversals.set(id, reverses);
    this.open.set(id, { begun, waiting: [], all: this.#given(participants) });
  }

  #decide(decided: Decided): void {
    const { id, state } = decided;
    const known = this.open.get(id);
    const before = parseId(id) ? this.decisions.get(id).state : 'none';
    if (before !== 'none') {
      this.#violate('outcome', `${id} was decided twice: ${before}, then ${state}`, id);
      return;
    }
    if (!known?.begun) {
      this.#violate('decision', `${id} was decided (${state}), and never begun`, id);
      return;
    }
    const { begun, all } = known;
    this.counts[state] += 1;
    this.decisions.set(id, { state, timestamp: decided.timestamp ?? 0, digest: 0 });
    if (state === 'committed') this.#checkCommit(begun, decided);
    else this.reversals.delete(id);
    const waiting = all.filter((one) => this.#agreement.decided(begun, decided, one));
    this.open.set(id, { begun: undefined, waiting, all });
  }

  #checkCommit({ id, participants, lowerTs }: Begun, { timestamp = 0, votes }: Decided): void {
    const dissenting = participants.filter((name) => votes[name]?.vote !== 'yes');
    if (dissenting.length > 0) {
      const ballots = dissenting.map((name) => `${name} said ${votes[name]?.vote ?? 'nothing'}`);
      this.#violate('vote', `${id} has committed, and ${ballots.join(', ')}`, id);
    }
    if (timestamp <= lowerTs) {
      const text = `${id} has committed at timestamp ${timestamp}`;
      this.#violate('timestamp', `${text}, not above its lowerTs ${lowerTs}`, id);
    }
    if (!this.#timestamps.add(timestamp)) this.suspectTimestamps.add(timestamp);
  }

  #end(ended: Ended): void {
    const { id } = ended;
    const known = this.open.get(id);
    if (!known || known.begun) {
      const what = known ? 'before it was decided' : 'when it had ended, or was never begun';
      this.#violate('decision', `${id} has ended ${what}`, id);
      return;
    }
    this.#agreement.ended(ended, known.waiting, known.all);
    this.open.delete(id);
  }

  #register({ name, store, epoch }: Registered): void {
    const before = this.members.get(name);
    if (before && before.store !== store) {
      const text = `the name ${name} went from the store ${before.store} to ${store}`;
      this.#violate('id', text);
    } else if (before && epoch < before.epoch) {
      const text = `${name} was registered with epoch ${epoch} after epoch ${before.epoch}`;
      this.#violate('epoch', text);
    }
    this.members.set(name, { store, epoch: Math.max(epoch, before?.epoch ?? 0) });
    const participant = this.#participants.get(store);
    if (participant) participant.name = name;
  }

  /** The participants whose stores can be compared. */
  #given(names: readonly string[]): ParticipantAudit[] {
    return names.flatMap((name) => {
      const participant = this.#participants.get(this.members.get(name)?.store ?? '');
      if (!participant) this.absent.add(name);
      return participant ?? [];
    });
  }

  #violate(rule: Rule, text: string, id?: string): void {
    this.#findings.violate(rule, text, id);
  }
}
