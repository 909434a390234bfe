/** Visits every state of a model, nearest first, and stops at the first that breaks a rule. */
import { Resolution } from './resolution.ts';
import { Rows } from './rows.ts';
import { violationIn } from './rules.ts';
import type { Violation } from './signals.ts';
import { describe } from './story.ts';
import type { State, Successor, World } from './world.ts';

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the first state. */
  readonly depth: number;
  /** States that are found and not visited yet. */
  readonly waiting: number;
}

export interface Exploration extends Progress {
  readonly violation?: Violation;
  /** How the violation comes about, one line for each step. */
  readonly story: readonly string[];
}

export interface ExploreOptions {
  /** Called now and then. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each state that is visited. */
  readonly onState?: (state: State) => void;
  /** Whether everything must be resolved from each state once faults end. */
  readonly resolves?: boolean;
  /** Visits no more states than this, the nearest ones. */
  readonly most?: number;
}

const progressEvery = 1_000;

export function explore(world: World, options: ExploreOptions = {}): Exploration {
  const { onProgress, onState, most = Infinity, resolves = true } = options;
  const { participants, coordinatorCrashes, participantCrashes } = world.settings;
  const [rows, raw] = [new Rows(5 + participants), new Rows(5 + participants)];
  const resolution = new Resolution(world);
  const first = world.quiet({ ...world.first(), coordinatorCrashes, participantCrashes });
  rows.add(rowOf(first), -1);
  let [transitions, depth, levelEnd] = [0, 0, 1];
  for (let index = 0; index < rows.size; index++) {
    if (index === levelEnd) [depth, levelEnd] = [depth + 1, rows.size];
    const state = stateOf(rows.row(index));
    onState?.(state);
    const progress = () => ({ states: rows.size, transitions, depth, waiting: rows.size - index });
    if (index % progressEvery === 0) onProgress?.(progress());
    if (index >= most) return { ...progress(), story: [] };
    const unresolved = () => (resolves ? resolution.violationFrom(state) : undefined);
    const violation = violationIn(world, state) ?? unresolved();
    if (violation) return { ...progress(), violation, story: storyOf(world, rows, index) };
    for (const successor of world.successors(state)) {
      transitions += 1;
      // What comes after the same quiet steps was looked at before.
      if (!successor.step.violation && !raw.add(rowOf(successor.state), index)) continue;
      const still = world.still(successor.state);
      const next = world.live(still);
      // What is taken off the network was said all the same.
      const flaw =
        successor.step.violation ?? (next === still ? undefined : violationIn(world, still));
      if (flaw) {
        const story = [...storyOf(world, rows, index), describe(world, successor)];
        return {
          ...progress(),
          violation: flaw,
          story: [...story, ...asides(world, successor.state)],
        };
      }
      rows.add(rowOf(next), index);
    }
  }
  return { states: rows.size, transitions, depth, waiting: 0, story: [] };
}

/** How a state was reached: what has happened is found again from state to state. */
function storyOf(world: World, rows: Rows, index: number): string[] {
  const lines: string[] = [];
  for (let at = index; rows.parent(at) >= 0; at = rows.parent(at)) {
    const wanted = rows.row(at).join();
    for (const successor of world.successors(stateOf(rows.row(rows.parent(at))))) {
      if (rowOf(world.quiet(successor.state)).join() !== wanted) continue;
      lines.unshift(describe(world, successor), ...asides(world, successor.state));
      break;
    }
  }
  return lines;
}

/** The quiet steps after another. */
function asides(world: World, before: State): string[] {
  const lines: string[] = [];
  for (let state = before; ;) {
    const [next] = world.quietSteps(state);
    if (!next) return lines;
    lines.push(`  ${describe(world, next)}`);
    state = next.state;
  }
}

function rowOf(state: Successor['state']): number[] {
  const { coordinator, participants, network, begun } = state;
  const { coordinatorCrashes, participantCrashes } = state;
  return [coordinator, network, begun, coordinatorCrashes, participantCrashes, ...participants];
}

function stateOf(row: readonly number[]): State {
  const [coordinator = 0, network = 0, begun = 0, one = 0, other = 0, ...participants] = row;
  const crashes = { coordinatorCrashes: one, participantCrashes: other };
  return { coordinator, network, begun, participants, ...crashes };
}
