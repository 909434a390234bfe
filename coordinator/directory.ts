/**
 * Who the participants are and where they listen (PROTOCOL.md, registration). A name belongs to
 * one store for ever; its address follows the store's newest epoch. A store whose log went back is
 * quarantined until it has caught up (PROTOCOL.md, restored and lost stores). Pure.
 */

/** One participant: `name` in transfers, `store` for ever, `address` for now. */
export interface Member {
  readonly name: string;
  readonly store: string;
  /** An http or https URL. */
  readonly address: string;
  /** Of the store's start that registered the address. */
  readonly epoch: number;
  /** The highest sequence of its log that was seen: a lower one would mean that it went back. */
  readonly seen: number;
  /** Its log went back: it may not take part until it has caught up. */
  readonly quarantined: boolean;
}

export interface Registered {
  readonly type: 'registered';
  readonly at: string;
  readonly name: string;
  readonly store: string;
  readonly address: string;
  readonly epoch: number;
  /** What counts as seen from now on; absent in logs of earlier versions: 0. */
  readonly sequence?: number;
  readonly quarantined?: true;
}

/** What a participant asks for; without a name it is given one. */
export interface RegistrationRequest {
  readonly at: string;
  readonly name?: string;
  readonly store: string;
  readonly address: string;
  readonly epoch: number;
  /**
   * Of its log, right after the replay, or above all that was seen once it has caught up. Absent
   * from a run that was confirmed before.
   */
  readonly sequence?: number;
  /** It was quarantined, and has applied everything that it had lost. */
  readonly caughtUp?: boolean;
}

export type Registration =
  | {
      readonly outcome: 'new' | 'known';
      /** Whether it may take part. */
      readonly state: 'confirmed' | 'quarantined';
      readonly member: Member;
      readonly records: Registered[];
    }
  | { readonly outcome: 'name-taken'; readonly member: Member }
  | { readonly outcome: 'stale-epoch'; readonly member: Member };

/** By name. */
export type Directory = Map<string, Member>;

/** Decides on a registration. A known store keeps its name, whatever name it brings. */
export function register(directory: Directory, request: RegistrationRequest): Registration {
  const { at, name: wanted, store, address, epoch } = request;
  const known = [...directory.values()].find((member) => member.store === store);
  const holder = directory.get(wanted ?? '');
  if (!known && holder) return { outcome: 'name-taken', member: holder };
  if (known && known.epoch > epoch) return { outcome: 'stale-epoch', member: known };
  const name = known?.name ?? wanted ?? nextName(directory);
  const member: Member = { name, store, address, epoch, ...standingOf(known, request) };
  const records = known && isSame(known, member) ? [] : [recordOf(member, at)];
  const state = member.quarantined ? 'quarantined' : 'confirmed';
  return { outcome: known ? 'known' : 'new', state, member, records };
}

/**
 * Whether a participant's log still has all that was seen of it. Once it went back, no sequence
 * shows any more that it is whole: what it wrote since counts as well. So only its word ends that.
 */
function standingOf(
  known: Member | undefined,
  { epoch, sequence, caughtUp = false }: RegistrationRequest,
): Pick<Member, 'seen' | 'quarantined'> {
  const { seen, quarantined } = known ?? { seen: 0, quarantined: false };
  const sameRun = known?.epoch === epoch;
  if (sameRun && sequence === undefined) return { seen, quarantined };
  const now = sequence ?? 0;
  const whole = now >= seen && (!quarantined || (caughtUp && sameRun));
  return { seen: Math.max(now, seen), quarantined: !whole };
}

function isSame(one: Member, other: Member): boolean {
  const { address, epoch, seen, quarantined } = other;
  const moved = one.address !== address || one.epoch !== epoch;
  return !moved && one.seen === seen && one.quarantined === quarantined;
}

function recordOf(member: Member, at: string): Registered {
  const { name, store, address, epoch, seen, quarantined } = member;
  const record: Registered = {
    type: 'registered',
    at,
    name,
    store,
    address,
    epoch,
    sequence: seen,
  };
  return quarantined ? { ...record, quarantined } : record;
}

/** The only thing that changes the directory, besides `see`. */
export function applyRegistration(directory: Directory, record: Registered): void {
  const { name, store, address, epoch, sequence = 0, quarantined = false } = record;
  const before = directory.get(name);
  if (before && before.store !== store) {
    throw new Error(`broken invariant: the name ${name} stays with store ${before.store}`);
  }
  directory.set(name, { name, store, address, epoch, seen: sequence, quarantined });
}

/** A reply, or a record in the log, shows how far a participant's log has come. */
export function see(directory: Directory, name: string, sequence: number): void {
  const member = directory.get(name);
  if (member && sequence > member.seen) directory.set(name, { ...member, seen: sequence });
}

/** What was seen of these participants until now, by name: `decided` and `ended` keep it. */
export function seenOf(directory: Directory, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, directory.get(name)?.seen ?? 0]));
}

/** The records that rebuild the directory. */
export function* summariseDirectory(directory: Directory): Iterable<Registered> {
  for (const member of directory.values()) yield recordOf(member, '');
}

function nextName(directory: Directory): string {
  let number = 1;
  while (directory.has(`participant-${number}`)) number += 1;
  return `participant-${number}`;
}
