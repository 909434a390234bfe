/** What is on its way: sets of signals, numbered, with what they say worked out once for each. */
import { bitOf, type Ids } from './facts.ts';
import { Numbered, type Signal, type Violation } from './signals.ts';

/** Whether a signal is for whoever has this place. */
type Reader = 'coordinator' | number;

/** What has been said so far. Sets of transfers are bits. */
export interface Sayings {
  /** By participant. */
  readonly yes: readonly number[];
  readonly acknowledgedCommit: readonly number[];
  /** To clients, to whoever asked, and by commits. */
  readonly committed: number;
  readonly aborted: number;
  readonly timestamps: ReadonlyMap<string, number>;
  readonly watermarks: readonly Signal[];
  readonly violation?: Violation;
}

export class Networks {
  readonly empty = 0;
  readonly #sets = new Numbered<readonly number[]>();
  readonly #added = new Map<number, number>();
  readonly #signals: Numbered<Signal>;
  readonly #ids: Ids;
  readonly #names: readonly string[];
  readonly #sayings: Sayings[] = [];
  readonly #addressed = new Map<Reader, (readonly number[])[]>();

  constructor(signals: Numbered<Signal>, ids: Ids, names: readonly string[]) {
    this.#signals = signals;
    this.#ids = ids;
    this.#names = names;
    this.#sets.numberOf([], '');
  }

  get size(): number {
    return this.#sets.items.length;
  }

  with(network: number, signals: readonly number[]): number {
    let result = network;
    for (const signal of signals) result = this.#add(result, signal);
    return result;
  }

  #add(network: number, signal: number): number {
    const key = network * 4_096 + signal;
    const known = this.#added.get(key);
    if (known !== undefined) return known;
    const before = this.#sets.item(network);
    const all = before.includes(signal) ? before : [...before, signal].sort((a, b) => a - b);
    const number = all === before ? network : this.#sets.numberOf(all, String.fromCharCode(...all));
    this.#added.set(key, number);
    return number;
  }

  /** Without what is not live. */
  only(network: number, isLive: (signal: Signal) => boolean): number {
    const all = this.#sets.item(network);
    const kept = all.filter((number) => isLive(this.#signals.item(number)));
    if (kept.length === all.length) return network;
    return this.#sets.numberOf(kept, String.fromCharCode(...kept));
  }

  toCoordinator(network: number): readonly number[] {
    return this.#to(network, 'coordinator', ({ kind }) => kind === 'reply');
  }

  toParticipant(network: number, index: number): readonly number[] {
    const name = this.#names[index];
    return this.#to(network, index, (signal) => {
      if (signal.kind === 'watermark') return true;
      return (signal.kind === 'request' || signal.kind === 'decision') && signal.to === name;
    });
  }

  #to(network: number, reader: Reader, isFor: (signal: Signal) => boolean): readonly number[] {
    const lists = this.#addressed.get(reader) ?? [];
    this.#addressed.set(reader, lists);
    const all = this.#sets.item(network);
    return (lists[network] ??= all.filter((signal) => isFor(this.#signals.item(signal))));
  }

  sayings(network: number): Sayings {
    return (this.#sayings[network] ??= this.#listen(network));
  }

  #listen(network: number): Sayings {
    const yes = this.#names.map(() => 0);
    const acknowledgedCommit = this.#names.map(() => 0);
    const timestamps = new Map<string, number>();
    const legs = new Map<string, string>();
    const watermarks: Signal[] = [];
    let [committed, aborted] = [0, 0];
    let violation: Violation | undefined;
    const commits = (id: string, timestamp: number) => {
      committed |= bitOf(this.#ids, id);
      const known = timestamps.get(id) ?? timestamp;
      const other = [...timestamps].find(([one, at]) => one !== id && at === timestamp);
      const detail = `${id} commits at ${timestamp}, and ${other?.[0] ?? 'before'} at ${known}`;
      if (known !== timestamp) violation = { rule: 'answers never change', detail };
      if (other) violation = { rule: 'unique timestamps above lowerTs', detail };
      timestamps.set(id, timestamp);
    };
    for (const number of this.#sets.item(network)) {
      const signal = this.#signals.item(number);
      switch (signal.kind) {
        case 'request': {
          const { request, to } = signal;
          if (request.type === 'commit') commits(request.id, request.timestamp);
          if (!('legs' in request)) break;
          const [key, asked] = [`${request.id} ${to}`, JSON.stringify(request.legs)];
          if ((legs.get(key) ?? asked) !== asked) {
            violation = { rule: 'ids are issued once', detail: `${key} has had other legs` };
          }
          legs.set(key, asked);
          break;
        }
        case 'reply': {
          const { from, id, re, reply } = signal;
          const index = this.#names.indexOf(from);
          const bit = bitOf(this.#ids, id);
          if ('vote' in reply && reply.vote === 'yes') yes[index] = (yes[index] ?? 0) | bit;
          if ('state' in reply && reply.state === 'prepared') yes[index] = (yes[index] ?? 0) | bit;
          if ('state' in reply && reply.state === 'committed' && re !== 'abort') {
            acknowledgedCommit[index] = (acknowledgedCommit[index] ?? 0) | bit;
          }
          break;
        }
        case 'decision':
        case 'told':
          if (signal.timestamp !== undefined) commits(signal.id, signal.timestamp);
          else aborted |= bitOf(this.#ids, signal.id);
          break;
        case 'watermark':
          watermarks.push(signal);
      }
    }
    const said = { yes, acknowledgedCommit, committed, aborted, timestamps, watermarks };
    return { ...said, ...(violation && { violation }) };
  }
}
