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
  /** What that start calls itself: another one on a copy of the store may have the same epoch. */
  readonly run?: string;
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
  readonly run?: string;
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
  /** The same in all registrations of one start, and in those of no other. */
  readonly run?: string;
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
  if (known && isOutrun(known, request)) return { outcome: 'stale-epoch', member: known };
  const name = known?.name ?? wanted ?? nextName(directory);
  const standing = standingOf(known, request);
  // Whoever does not say which run it is may be the one that is known.
  const run = request.run ?? (known?.epoch === epoch ? known.run : undefined);
  const member: Member = { name, store, address, epoch, ...(run && { run }), ...standing };
  const records = known && isSame(known, member) ? [] : [recordOf(member, at)];
  const state = member.quarantined ? 'quarantined' : 'confirmed';
  return { outcome: known ? 'known' : 'new', state, member, records };
}

/** Whether another run is known that is newer, or has this epoch: then this one takes a newer. */
function isOutrun(known: Member, { epoch, run }: RegistrationRequest): boolean {
  if (known.epoch !== epoch) return known.epoch > epoch;
  return run !== undefined && known.run !== undefined && run !== known.run;
}

/**
 * Whether a participant's log still has all that was seen of it. Once it went back, no sequence
 * shows any more that it is whole: what it wrote since counts as well. So only its word ends that.
 * A run that is known only grows: when it says less than was seen, its message is an old one.
 */
function standingOf(
  known: Member | undefined,
  request: RegistrationRequest,
): Pick<Member, 'seen' | 'quarantined'> {
  const { epoch, sequence, caughtUp = false, run } = request;
  const { seen, quarantined } = known ?? { seen: 0, quarantined: false };
  const sameEpoch = known?.epoch === epoch;
  const isNamed = run !== undefined && known?.run !== undefined;
  const sameRun = sameEpoch && (isNamed ? run === known.run : sequence === undefined);
  const now = sequence ?? 0;
  if (sameRun && !(quarantined && caughtUp)) return { seen: Math.max(now, seen), quarantined };
  const whole = now >= seen && (!quarantined || (caughtUp && sameEpoch));
  return { seen: Math.max(now, seen), quarantined: !whole };
}

function isSame(one: Member, other: Member): boolean {
  const { address, epoch, run, seen, quarantined } = other;
  const moved = one.address !== address || one.epoch !== epoch || one.run !== run;
  return !moved && one.seen === seen && one.quarantined === quarantined;
}

function recordOf(member: Member, at: string): Registered {
  const { quarantined, seen: sequence, ...rest } = member;
  return { type: 'registered', at, ...rest, sequence, ...(quarantined && { quarantined }) };
}

/** The only thing that changes the directory, besides `see`. */
export function applyRegistration(directory: Directory, record: Registered): void {
  const { type, at, sequence = 0, quarantined = false, ...rest } = record;
  const { name, store } = rest;
  const before = directory.get(name);
  if (before && before.store !== store) {
    throw new Error(`broken invariant: the name ${name} stays with store ${before.store}`);
  }
  directory.set(name, { ...rest, seen: sequence, quarantined });
}

/** A reply, or a record in the log, shows how far a participant's log has come. */
export function see(directory: Directory, name: string, sequence: number): void {
  const member = directory.get(name);
  if (member && sequence > member.seen) directory.set(name, { ...member, seen: sequence });
}

/**
 * What was seen of these participants, by name, and is in no record yet: the next one keeps it.
 * @param noted what records have, by name; what is given counts as noted from now on
 */
export function unnoted(
  directory: Directory,
  names: readonly string[],
  noted: Map<string, number>,
): Record<string, number> | undefined {
  let fresh: Record<string, number> | undefined;
  for (const name of names) {
    const seen = directory.get(name)?.seen ?? 0;
    if (seen <= (noted.get(name) ?? 0)) continue;
    noted.set(name, seen);
    fresh = { ...fresh, [name]: seen };
  }
  return fresh;
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
