/** The promises of docs/RELIABILITY.md that concern several nodes: looked at in every state. */
import type { CoordinatorFacts, ParticipantFacts } from './facts.ts';
import type { Sayings } from './networks.ts';
import type { Rule, Violation } from './signals.ts';
import type { State, World } from './world.ts';

export function violationIn(world: World, state: State): Violation | undefined {
  const coordinator = world.factsOfCoordinator(state.coordinator);
  const participants = state.participants.map((node, index) => {
    return world.factsOfParticipant(index, node);
  });
  const said = world.networks.sayings(state.network);
  const alone = [coordinator, ...participants, said].find(({ violation }) => violation);
  const names = world.participants.map(({ name }) => name);
  const all = { world, coordinator, participants, said, names };
  return alone?.violation ?? agreement(all) ?? durability(all) ?? sayings(all) ?? forgetting(all);
}

interface Whole {
  readonly world: World;
  readonly coordinator: CoordinatorFacts;
  readonly participants: readonly ParticipantFacts[];
  readonly said: Sayings;
  readonly names: readonly string[];
}

const union = (sets: readonly number[]) => sets.reduce((all, set) => all | set, 0);

/** A rule is broken for the transfers of a set: undefined if the set is empty. */
function broken({ world }: Whole, rule: Rule, set: number, detail: string): Violation | undefined {
  if (set === 0) return undefined;
  const which = world.ids.items.filter((_, bit) => set & (1 << bit));
  return { rule, detail: `${which.join(', ')}: ${detail}` };
}

/** Nobody has committed what somebody else has aborted, or what was decided otherwise. */
function agreement(whole: Whole): Violation | undefined {
  const { coordinator, participants } = whole;
  const committed = union(participants.map((facts) => facts.committed));
  const aborted = union(participants.map((facts) => facts.aborted));
  return (
    broken(whole, 'agreement', committed & aborted, 'committed here, aborted there') ??
    broken(
      whole,
      'agreement',
      (committed & coordinator.aborted) | (aborted & coordinator.committed),
      'a participant differs from the coordinator',
    )
  );
}

/** Every yes is forced before the decision, and the decision before anybody follows it. */
function durability(whole: Whole): Violation | undefined {
  const { coordinator, participants, names, world } = whole;
  for (const [index, facts] of participants.entries()) {
    const name = names[index] ?? '';
    const mine = coordinator.takingPart.get(name) ?? 0;
    const unpromised = coordinator.committed & mine & ~facts.preparedForced;
    const early =
      facts.committed & ~coordinator.committedForced & ~(coordinator.onePhase | facts.onePhase);
    const violation =
      broken(whole, 'unanimity', unpromised, `committed without a durable yes of ${name}`) ??
      broken(whole, 'decided durably first', early, `${name} commits before that is forced`);
    if (violation) return violation;
    for (const [id, timestamp] of facts.timestamps) {
      const decided = coordinator.timestamps.get(id);
      if (decided !== undefined && decided !== timestamp) {
        const detail = `${id} commits at ${timestamp} in ${name}, and at ${decided}`;
        return { rule: 'one decision', detail };
      }
    }
  }
  return timestampsOf(world, coordinator, participants);
}

function timestampsOf(
  world: World,
  coordinator: CoordinatorFacts,
  participants: readonly ParticipantFacts[],
): Violation | undefined {
  if (world.settings.requests.length < 2) return undefined;
  const taken = new Map<number, string>();
  for (const { timestamps } of [coordinator, ...participants]) {
    for (const [id, timestamp] of timestamps) {
      const other = taken.get(timestamp) ?? id;
      const detail = `${id} and ${other} commit at ${timestamp}`;
      if (other !== id) return { rule: 'unique timestamps above lowerTs', detail };
      taken.set(timestamp, id);
    }
  }
  return undefined;
}

/** What was said stays true, whoever crashes. */
function sayings(whole: Whole): Violation | undefined {
  const { coordinator, participants, said, names } = whole;
  const committed = union(participants.map((facts) => facts.committed));
  const aborted = union(participants.map((facts) => facts.aborted));
  const contradicted =
    (said.committed & said.aborted) |
    (said.aborted & (committed | coordinator.committed)) |
    (said.committed & (aborted | coordinator.aborted));
  const rule = 'what was said is on record';
  const unfounded =
    said.committed & ~(coordinator.committedForced | (coordinator.onePhase & committed));
  const violation =
    broken(whole, 'answers never change', contradicted, 'said and done differ') ??
    broken(whole, rule, unfounded, 'said to be committed, and that is not forced');
  if (violation) return violation;
  for (const [index, facts] of participants.entries()) {
    const name = names[index] ?? '';
    const yes = (said.yes[index] ?? 0) & ~facts.preparedForced;
    const acknowledged = (said.acknowledgedCommit[index] ?? 0) & ~facts.committedForced;
    const flaw =
      broken(whole, rule, yes, `${name} has voted yes, and that is not forced`) ??
      broken(whole, rule, acknowledged, `${name} has acknowledged a commit that is not forced`);
    if (flaw) return flaw;
  }
  return undefined;
}

/** Below a watermark nothing is undecided, and every commit is applied for good. */
function forgetting(whole: Whole): Violation | undefined {
  const { world, coordinator, participants, said, names } = whole;
  for (const signal of said.watermarks) {
    if (signal.kind !== 'watermark') continue;
    const { epoch, seq, except } = signal.watermark;
    for (const [bit, id] of world.ids.items.entries()) {
      const set = 1 << bit;
      const [, itsEpoch, number] = id.split('-').map(Number);
      const isBelow = (itsEpoch ?? 0) < epoch || (itsEpoch === epoch && (number ?? 0) < seq);
      if (!isBelow || except.includes(id)) continue;
      const lags = participants.some((facts, index) => {
        const isMine = (coordinator.takingPart.get(names[index] ?? '') ?? 0) & set;
        return isMine !== 0 && (facts.committedForced & set) === 0;
      });
      const open = coordinator.undecided & set;
      const unended = lags ? coordinator.committed & set : 0;
      const rule = 'the watermark passes only what is settled';
      const violation = broken(
        whole,
        rule,
        open | unended,
        `below ${epoch}-${seq}, and not settled`,
      );
      if (violation) return violation;
    }
  }
  return undefined;
}
