/**
 * Whether everything is resolved once faults end: from any state, with all that was on its way
 * lost, the nodes force their logs, send what they owe, and ask about what they doubt.
 */
import type { Violation } from './signals.ts';
import type { Happening, State, World } from './world.ts';

/** Rounds of sending and answering; two are enough for two phases, the others are to spare. */
const rounds = 6;

export class Resolution {
  readonly #world: World;
  readonly #checked = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** What stays unresolved from here. What is on its way makes no difference, so it is no part. */
  violationFrom(state: State): Violation | undefined {
    for (const coordinator of this.#world.coordinators.survivors(state.coordinator)) {
      const violation = this.#violationFrom({ ...state, coordinator });
      if (violation) return violation;
    }
    return undefined;
  }

  #violationFrom(state: State): Violation | undefined {
    const key = `${state.coordinator} ${state.participants.join(' ')}`;
    if (this.#checked.has(key)) return undefined;
    this.#checked.add(key);
    const still = { ...state, network: this.#world.networks.empty };
    const quiet = { ...still, coordinatorCrashes: 0, participantCrashes: 0 };
    let end: State = quiet;
    for (let round = 0; round < rounds; round++) {
      end = this.#round(end);
      if (this.#open(end) === undefined) return undefined;
    }
    const detail = this.#open(end) ?? '';
    return { rule: 'everything is resolved once faults end', detail };
  }

  #open({ coordinator, participants }: State): string | undefined {
    const facts = this.#world.factsOfCoordinator(coordinator);
    if (facts.active !== 0) return 'the coordinator has a transfer that does not end';
    const index = participants.findIndex((node, at) => {
      return this.#world.factsOfParticipant(at, node).inDoubt !== 0;
    });
    return index < 0 ? undefined : `${this.#world.participants[index]?.name ?? ''} stays in doubt`;
  }

  /** Each thing that can happen happens once, but faults; what is sent arrives in this round. */
  #round(before: State): State {
    let state = this.#forceAll(before);
    const { coordinators } = this.#world;
    const resend = { at: 'coordinator', event: { type: 'resend' } } as const;
    const step = coordinators.step(state.coordinator, resend.event);
    state = this.#world.after(state, resend, step);
    for (let done = new Set<string>(); ;) {
      const next = this.#nextOf(state, done);
      if (!next) return { ...state, network: this.#world.networks.empty };
      state = this.#forceAll(next);
    }
  }

  #nextOf(state: State, done: Set<string>): State | undefined {
    for (const successor of this.#world.successors(state)) {
      const key = JSON.stringify(successor.happening);
      if (done.has(key) || !isCalm(successor.happening)) continue;
      done.add(key);
      return successor.state;
    }
    return undefined;
  }

  #forceAll(before: State): State {
    let state = before;
    for (;;) {
      let forced: State | undefined;
      for (const { happening, state: after } of this.#world.successors(state)) {
        if (happening.event.type === 'force') forced = after;
        if (forced) break;
      }
      if (!forced) return state;
      state = forced;
    }
  }
}

/** Peers are not needed while the coordinator answers. */
function isCalm({ event }: Happening): boolean {
  switch (event.type) {
    case 'reply':
    case 'ask':
      return true;
    case 'signal':
      return !event.isStorageLow;
    default:
      return false;
  }
}
