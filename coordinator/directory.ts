/**
 * Who the participants are and where they listen (PROTOCOL.md, registration). A name belongs to
 * one store for ever; its address follows the store's newest epoch. Pure.
 */

/** One participant: `name` in transfers, `store` for ever, `address` for now. */
export interface Member {
  readonly name: string;
  readonly store: string;
  /** An http or https URL. */
  readonly address: string;
  /** Of the store's start that registered the address. */
  readonly epoch: number;
}

export interface Registered extends Member {
  readonly type: 'registered';
  readonly at: string;
}

/** What a participant asks for; without a name it is given one. */
export interface RegistrationRequest {
  readonly at: string;
  readonly name?: string;
  readonly store: string;
  readonly address: string;
  readonly epoch: number;
}

export type Registration =
  | { readonly outcome: 'new' | 'known'; readonly member: Member; readonly records: Registered[] }
  | { readonly outcome: 'name-taken' | 'stale-epoch'; readonly member: Member };

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
  const member: Member = { name, store, address, epoch };
  const unchanged = known?.address === address && known.epoch === epoch;
  const records: Registered[] = unchanged ? [] : [{ type: 'registered', at, ...member }];
  return { outcome: known ? 'known' : 'new', member, records };
}

/** The only thing that changes the directory. */
export function applyRegistration(directory: Directory, record: Registered): void {
  const { name, store, address, epoch } = record;
  const before = directory.get(name);
  if (before && before.store !== store) {
    throw new Error(`broken invariant: the name ${name} stays with store ${before.store}`);
  }
  directory.set(name, { name, store, address, epoch });
}

/** The records that rebuild the directory. */
export function* summariseDirectory(directory: Directory): Iterable<Registered> {
  for (const member of directory.values()) yield { type: 'registered', at: '', ...member };
}

function nextName(directory: Directory): string {
  let number = 1;
  while (directory.has(`participant-${number}`)) number += 1;
  return `participant-${number}`;
}
