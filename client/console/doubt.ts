/** What waits for a decision, and what was settled without one, as both sides tell it. */
import { money } from '../cli/amounts.ts';
import type { Branch, DamageEntry, ParticipantInfo, Transfer } from '../sdk/index.ts';

/** A participant: what the coordinator says of it, and what it has said itself. */
export interface Sides {
  readonly info: ParticipantInfo;
  /** Those of its branches that are prepared, resolved or damaged, as it has told them last. */
  readonly branches: readonly Branch[];
  /** It has answered just now. */
  readonly isReached: boolean;
}

/** A branch, and where it is. */
export interface Placed {
  readonly participant: string;
  readonly branch: Branch;
}

/** A transfer that a participant waits for; without a branch only the coordinator says so. */
export interface Waiting {
  readonly participant: string;
  readonly id: string;
  readonly branch?: Branch;
}

export interface Doubt {
  /** The oldest first. */
  readonly waiting: readonly Waiting[];
  /** Settled by an operator; the decision is not known yet. */
  readonly resolved: readonly Placed[];
  /** Settled unlike the decision. */
  readonly damaged: readonly Placed[];
  /** What is answered any moment: too young to be a doubt. */
  readonly underWay: number;
}

/** The votes and decisions of a transfer take less, unless something is wrong. Milliseconds. */
export const youngMs = 5_000;

/** Joins both sides of all participants. `now`: milliseconds since 1970. */
export function doubtOf(participants: readonly Sides[], now: number): Doubt {
  const waiting: Waiting[] = [];
  const placed: Placed[] = [];
  let underWay = 0;
  for (const { info, branches, isReached } of participants) {
    const participant = info.name;
    const told = new Set(branches.map(({ id }) => id));
    for (const branch of branches) {
      if (branch.state !== 'prepared') placed.push({ participant, branch });
      else if (isReached && ageOf(branch, now) < youngMs) underWay += 1;
      else waiting.push({ participant, id: branch.id, branch });
    }
    const others = info.inDoubt.filter((id) => !told.has(id));
    // It has been asked and does not wait for them: they have just ended, or just begun.
    if (isReached) underWay += others.length;
    else waiting.push(...others.map((id) => ({ participant, id })));
  }
  return {
    waiting: waiting.sort(byAge),
    resolved: placed.filter(({ branch }) => branch.state === 'resolved'),
    damaged: placed.filter(({ branch }) => branch.state === 'damaged'),
    underWay,
  };
}

/** The clocks of the machines may differ, so it may be less than nothing. Milliseconds. */
const ageOf = ({ preparedAt }: Branch, now: number): number =>
  preparedAt === undefined ? Infinity : now - Date.parse(preparedAt);

/** What only the coordinator tells comes last: since when is not known. */
const byAge = (one: Waiting, other: Waiting): number => {
  const [a, b] = [one, other].map(({ branch }) => branch?.preparedAt ?? '9');
  return compare(a ?? '', b ?? '') || compare(one.id, other.id);
};

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Participants in the order of their names; the coordinator lists them as they came. */
export const byName = (one: ParticipantInfo, other: ParticipantInfo) =>
  compare(one.name, other.name);

/** What a transfer gives to the accounts of a participant (or takes, below 0), leg by leg. */
export function legsAt({ legs }: Pick<Transfer, 'legs'>, participant: string): DamageEntry[] {
  return legs.flatMap(({ from, to, amount, currency }) =>
    [
      { path: from, signed: -amount },
      { path: to, signed: amount },
    ]
      .filter(({ path }) => path.startsWith(`${participant}/`))
      .map(({ path, signed }) => {
        return { account: path.slice(participant.length + 1), amount: signed, currency };
      }),
  );
}

/** `+25.00 USD` or `-25.00 USD`. */
export const signed = (amount: number, currency: string): string =>
  `${amount > 0 ? '+' : ''}${money(amount, currency)}`;

/** `alice -25.00 USD, bob +25.00 USD`. */
export const describe = (entries: readonly DamageEntry[]): string =>
  entries
    .map(({ account, amount, currency }) => `${account} ${signed(amount, currency)}`)
    .join(', ');
