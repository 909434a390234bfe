/** The bank: every snapshot adds up, and is exactly what had committed by its timestamp. */
import type { Leg, Taken } from './history.ts';
import type { Verdict } from './verdict.ts';

/** A snapshot, and the highest timestamp that was acknowledged before it was asked for. */
export interface Moment {
  readonly taken: Taken;
  readonly atLeast: number;
}

export interface Commit {
  readonly timestamp: number;
  readonly legs: readonly Leg[];
}

/** The four errors of the bank test that Jepsen looks for, and what was acknowledged too late. */
export function checkAlone(
  { taken, atLeast }: Moment,
  opened: ReadonlyMap<string, number>,
  verdict: Verdict,
): void {
  const { timestamp, accounts, total } = taken;
  const named = `snapshot ${taken.ask} at ${timestamp}`;
  for (const [path, posted] of Object.entries(accounts)) {
    if (!opened.has(path)) verdict.flaw('unexpected key', `${named} has ${path}`);
    if (posted !== null && posted < 0) {
      verdict.flaw('negative value', `${named}: ${path} has ${posted}`);
    }
  }
  for (const path of opened.keys()) {
    const posted = accounts[path];
    if (typeof posted !== 'number') verdict.flaw('nil balance', `${named}: ${path} has none`);
  }
  const all = sum(opened.values());
  const shown = sum(Object.values(accounts).map((posted) => posted ?? 0));
  if (shown !== all) verdict.flaw('wrong total', `${named} adds up to ${shown}, not ${all}`);
  if (total !== all) verdict.flaw('wrong total', `${named} says ${total ?? 'nothing'}, not ${all}`);
  if (timestamp < atLeast) {
    verdict.flaw('stale snapshot', `${named}, and ${atLeast} had been acknowledged`);
  }
}

/** Compares all snapshots of a run with all its commits, in the order of their timestamps. */
export function checkContents(
  moments: readonly Taken[],
  commits: readonly Commit[],
  opened: ReadonlyMap<string, number>,
  verdict: Verdict,
): void {
  const dated = commits.toSorted((one, other) => one.timestamp - other.timestamp);
  const balances = new Map(opened);
  let next = 0;
  for (const taken of moments.toSorted((one, other) => one.timestamp - other.timestamp)) {
    for (; next < dated.length; next += 1) {
      const commit = dated[next];
      if (!commit || commit.timestamp > taken.timestamp) break;
      book(balances, commit.legs);
    }
    for (const [path, expected] of balances) {
      const posted = taken.accounts[path];
      if (posted === expected) continue;
      const named = `snapshot ${taken.ask} at ${taken.timestamp}`;
      verdict.flaw('wrong snapshot', `${named}: ${path} has ${posted}, not ${expected}`);
    }
  }
}

/** Moves what the legs say. */
export function book(balances: Map<string, number>, legs: readonly Leg[]): void {
  for (const [from, to, amount] of legs) {
    balances.set(from, (balances.get(from) ?? 0) - amount);
    balances.set(to, (balances.get(to) ?? 0) + amount);
  }
}

const sum = (values: Iterable<number>) => [...values].reduce((all, one) => all + one, 0);
