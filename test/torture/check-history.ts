/**
 * Judges a history: pure, and by its own arithmetic. It takes one line after the other, as they
 * have happened, and keeps of each transfer no more than what it must be compared with.
 */
import { book, checkAlone, checkContents, type Moment } from './check-snapshots.ts';
import type { Happening, Leg, Told } from './history.ts';
import { Verdict } from './verdict.ts';

/** Of `GET /accounts` at the end. */
type Account = Extract<Happening, { type: 'account' }>;
type Applied = Extract<Happening, { type: 'applied' }>;

interface Transfer {
  readonly key: string;
  readonly legs: readonly Leg[];
  /** The highest timestamp that was acknowledged before it was first asked for. */
  readonly after: number;
  told?: Told;
  turnedAway?: true;
  /** The participants that have it in their logs, as committed. */
  applied?: Set<string>;
}

/** What is looked at by itself. */
type Looked =
  'died' | 'restarted' | 'takeover' | 'alarm' | 'settled' | 'unsettled' | 'stopped' | 'audit';

/** Why a process may end by itself: its database was away, or another one has its participant. */
const mayEnd = ({ node, said }: Extract<Happening, { type: 'restarted' }>) =>
  said.includes('cannot use the database') ||
  (!node.startsWith('coordinator') && /another process has taken|stale-epoch/.test(said));

const participantOf = (path: string) => path.split('/')[0] ?? path;

const participantsOf = (legs: readonly Leg[]) =>
  new Set(legs.flatMap(([from, to]) => [participantOf(from), participantOf(to)]));

export class HistoryChecker {
  readonly #verdict = new Verdict();
  readonly #opened = new Map<string, number>();
  readonly #kinds = new Set<string>();
  readonly #transfers = new Map<string, Transfer>();
  readonly #byId = new Map<string, Transfer>();
  readonly #timestamps = new Map<number, string>();
  /** What was acknowledged when a snapshot was asked for, by its number. */
  readonly #asked = new Map<number, number>();
  readonly #moments: Moment[] = [];
  readonly #accounts = new Map<string, Account>();
  #takeoverMs = Infinity;
  readonly #ends = new Set<Happening['type']>();
  #acknowledged = 0;

  /** Takes the next line. */
  see(happening: Happening): void {
    const { figures, faults } = this.#verdict;
    this.#ends.add(happening.type);
    switch (happening.type) {
      case 'opened':
        for (const [path, posted] of Object.entries(happening.accounts)) {
          this.#opened.set(path, posted);
        }
        for (const kind of happening.kinds ?? []) this.#kinds.add(kind);
        this.#takeoverMs = happening.takeoverMs ?? Infinity;
        return;
      case 'transfer':
        this.#begin(happening.key, happening.legs);
        return;
      case 'told':
        this.#hear(happening);
        return;
      case 'turned away':
        this.#turnAway(happening.key);
        return;
      case 'unknown':
        figures.unknown += 1;
        return;
      case 'ask':
        this.#asked.set(happening.ask, this.#acknowledged);
        return;
      case 'refused':
        figures.refused += 1;
        this.#asked.delete(happening.ask);
        return;
      case 'snapshot': {
        const moment = { taken: happening, atLeast: this.#asked.get(happening.ask) ?? Infinity };
        this.#asked.delete(happening.ask);
        checkAlone(moment, this.#opened, this.#verdict);
        this.#moments.push(moment);
        this.#acknowledged = Math.max(this.#acknowledged, happening.timestamp);
        return;
      }
      case 'fault':
        faults.set(happening.kind, (faults.get(happening.kind) ?? 0) + 1);
        return;
      case 'account':
        this.#accounts.set(happening.path, happening);
        return;
      case 'applied':
        this.#apply(happening);
        return;
      case 'missed':
      case 'end':
        return;
      default:
        this.#look(happening);
    }
  }

  #look(happening: Extract<Happening, { type: Looked }>): void {
    const verdict = this.#verdict;
    switch (happening.type) {
      case 'died':
        verdict.flaw('node died', `${happening.node} has ended by itself`);
        return;
      case 'restarted':
        verdict.restarts += 1;
        if (mayEnd(happening)) return;
        verdict.flaw('node died', `${happening.node}: ${happening.said}`);
        return;
      case 'takeover': {
        verdict.takeovers.push(happening);
        const { isAlone, unfinished, finishedMs } = happening;
        if (!isAlone || finishedMs < this.#takeoverMs) return;
        const text = `${unfinished} transfers after ${finishedMs} ms, not ${this.#takeoverMs}`;
        verdict.flaw('slow takeover', text);
        return;
      }
      case 'stopped':
        if (happening.code === 0) return;
        verdict.flaw('node died', `${happening.node} was told to stop: code ${happening.code}`);
        return;
      case 'alarm':
        verdict.flaw('alarm', `${happening.node}: ${happening.line}`);
        return;
      case 'settled':
        verdict.figures.settledAfterMs = happening.afterMs;
        return;
      case 'unsettled':
        verdict.flaw('left in doubt', happening.what);
        return;
      case 'audit':
        if (happening.code !== 0) verdict.flaw('audit', happening.said);
    }
  }

  #begin(key: string, legs: readonly Leg[]): void {
    const { figures } = this.#verdict;
    figures.transfers += 1;
    if (legs.length > 1) figures.severalLegs += 1;
    if (participantsOf(legs).size === 1) figures.onePhase += 1;
    this.#transfers.set(key, { key, legs, after: this.#acknowledged });
  }

  #turnAway(key: string): void {
    const transfer = this.#transferOf(key);
    const { told } = transfer;
    this.#verdict.figures.turnedAway += 1;
    transfer.turnedAway = true;
    if (!told) return;
    this.#verdict.flaw('changed answer', `${key} was ${told.state}, then turned away`);
  }

  #transferOf(key: string): Transfer {
    const transfer = this.#transfers.get(key);
    if (!transfer) throw new Error(`the history tells of ${key}, which nobody has asked for`);
    return transfer;
  }

  #hear(told: Told): void {
    const { key, id, state, timestamp = 0, reason = '' } = told;
    const { figures, reasons } = this.#verdict;
    const transfer = this.#transferOf(key);
    const before = transfer.told;
    if (before) {
      figures.again += 1;
      const same = (['id', 'state', 'timestamp', 'reason'] as const).every(
        (field) => before[field] === told[field],
      );
      if (same) return;
      const both = `${JSON.stringify(before)}, then ${JSON.stringify(told)}`;
      this.#verdict.flaw('changed answer', both);
      return;
    }
    transfer.told = told;
    const other = this.#byId.get(id);
    if (other) this.#verdict.flaw('shared id', `${id} was told to ${other.key} and to ${key}`);
    this.#byId.set(id, transfer);
    if (state === 'aborted') {
      figures.aborted += 1;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      return;
    }
    figures.committed += 1;
    this.#date(transfer, timestamp);
  }

  #date({ key, after }: Transfer, timestamp: number): void {
    const same = this.#timestamps.get(timestamp);
    if (same !== undefined) {
      this.#verdict.flaw('shared timestamp', `${same} and ${key} have ${timestamp}`);
    }
    this.#timestamps.set(timestamp, key);
    if (timestamp <= after) {
      const text = `${key} has ${timestamp}, and ${after} was acknowledged before it was asked for`;
      this.#verdict.flaw('early commit', text);
    }
    this.#acknowledged = Math.max(this.#acknowledged, timestamp);
  }

  #apply({ participant, commits }: Applied): void {
    for (const [id, timestamp] of commits) {
      const transfer = this.#byId.get(id);
      const told = transfer?.told;
      if (!transfer || told?.state !== 'committed' || told.timestamp !== timestamp) {
        const what = told === undefined ? 'nothing' : JSON.stringify(told);
        const text = `${participant} has ${id} at ${timestamp}, and clients were told ${what}`;
        this.#verdict.flaw('applied unasked', text);
        continue;
      }
      transfer.applied ??= new Set();
      if (transfer.applied.has(participant)) {
        this.#verdict.flaw('applied twice', `${participant} has ${id} twice`);
      }
      transfer.applied.add(participant);
    }
  }

  /** What all lines together show. */
  finish(): Verdict {
    const verdict = this.#verdict;
    const { figures } = verdict;
    for (const type of ['opened', 'account', 'settled', 'stopped', 'audit', 'end'] as const) {
      const excused = type === 'settled' && this.#ends.has('unsettled');
      if (!this.#ends.has(type) && !excused) verdict.flaw('unfinished', `nothing of type ${type}`);
    }
    figures.snapshots = this.#moments.length;
    figures.moments = new Set(this.#moments.map(({ taken }) => taken.timestamp)).size;
    // What was cut off may have been committed, and seen by others, before its customer heard.
    if (!this.#ends.has('end')) return verdict;
    this.#checkEffort();
    const commits = [];
    for (const { key, legs, told, turnedAway, applied } of this.#transfers.values()) {
      if (!told && !turnedAway) verdict.flaw('no answer', key);
      if (told?.state !== 'committed') continue;
      commits.push({ timestamp: told.timestamp ?? 0, legs });
      for (const participant of participantsOf(legs)) {
        if (applied?.has(participant)) continue;
        verdict.flaw('not applied', `${told.id} is committed, but not at ${participant}`);
      }
    }
    const moments = this.#moments.map(({ taken }) => taken);
    checkContents(moments, commits, this.#opened, verdict);
    this.#checkAccounts(commits);
    return verdict;
  }

  /** A run in which little has happened proves nothing. */
  #checkEffort(): void {
    const { figures, faults } = this.#verdict;
    for (const kind of this.#kinds) {
      if (!faults.has(kind)) this.#verdict.flaw('unfinished', `no fault of kind ${kind}`);
    }
    const { committed, snapshots } = figures;
    if (committed > 0 && snapshots > 0) return;
    const seen = `${committed} transfers and ${snapshots} snapshots`;
    this.#verdict.flaw('unfinished', `only ${seen} were seen`);
  }

  #checkAccounts(commits: readonly { readonly legs: readonly Leg[] }[]): void {
    const expected = new Map(this.#opened);
    for (const { legs } of commits) book(expected, legs);
    for (const [path, amount] of expected) {
      const { posted, held = 0 } = this.#accounts.get(path) ?? {};
      if (held !== 0) this.#verdict.flaw('left in doubt', `${held} are held on ${path}`);
      if (posted === amount) continue;
      this.#verdict.flaw(
        'wrong balance',
        `${path} ends with ${posted ?? 'nothing'}, not ${amount}`,
      );
    }
  }
}

/** Judges a history that is in memory. */
export function checkHistory(happenings: Iterable<Happening>): Verdict {
  const checker = new HistoryChecker();
  for (const happening of happenings) checker.see(happening);
  return checker.finish();
}
