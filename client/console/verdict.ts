/** What is known of a decision that a participant waits for, and what to do about that. */
import { ApiError, type Branch, type Timeline, type Transfer } from '../sdk/index.ts';

/** What a transfer can come to. */
export type Decision = 'committed' | 'aborted';

/** Why the coordinator does not tell the decision. */
export type Silence =
  | 'asking' // it has not answered yet
  | 'undecided' // it has not decided
  | 'never-begun' // its store has no such transfer
  | 'archived' // an operator has moved the records elsewhere
  | 'away'; // it does not answer, or something else is wrong

/** The decision and who knows it, or why nobody does. */
export type Verdict =
  | { readonly decision: Decision; readonly by: string }
  | { readonly decision: undefined; readonly silence: Silence };

/** What a node has answered last, and why it gave no answer since. */
interface Heard<T> {
  readonly value?: T;
  readonly error?: unknown;
}

/** `peers`: the branches of the other participants of the transfer, by name. */
export function verdictOf(
  coordinator: Heard<Transfer> | undefined,
  peers: ReadonlyMap<string, Heard<Branch>>,
): Verdict {
  const state = coordinator?.value?.state;
  // A decision never changes, so it does not matter when it was heard.
  if (state === 'committed' || state === 'aborted') return { decision: state, by: 'coordinator' };
  for (const [by, { value }] of peers) {
    const decision = value && decisionOf(value);
    if (decision !== undefined) return { decision, by };
  }
  return { decision: undefined, silence: silenceOf(coordinator) };
}

/** What an operator has settled at another participant is no decision, only a guess at it. */
function decisionOf({ state, damage }: Branch): Decision | undefined {
  switch (state) {
    case 'committed':
    case 'aborted':
      return state;
    case 'damaged':
      return damage?.state;
    case 'prepared':
    case 'resolved':
      return undefined;
  }
}

function silenceOf(coordinator: Heard<Transfer> | undefined): Silence {
  if (coordinator === undefined) return 'asking';
  const { error } = coordinator;
  if (error === undefined) return 'undecided';
  const code = error instanceof ApiError ? error.code : undefined;
  if (code === 'transfer-not-found') return 'never-begun';
  return code === 'transfer-archived' ? 'archived' : 'away';
}

/** What to do about a prepared branch, in sentences. */
export function adviceOf(verdict: Verdict, { id, coordinator }: Branch): readonly string[] {
  if (verdict.decision !== undefined) {
    const { decision } = verdict;
    const by = verdict.by === 'coordinator' ? 'the coordinator' : verdict.by;
    return [
      `The decision is known: ${by} has it as ${decision}.`,
      'The participant hears it by itself as soon as it and a node that knows reach each other: ' +
        'mend the way between them rather than settle it by hand.',
      `If that cannot wait, ${verbOf(decision)}: the other outcome is wrong for certain.`,
    ];
  }
  switch (verdict.silence) {
    case 'asking':
      return ['The coordinator has been asked, and has not answered yet.'];
    case 'undecided':
      return [
        'The coordinator has not decided yet; it does when the time for the votes is over. ' +
          'Do not settle it meanwhile.',
      ];
    case 'never-begun':
      return [
        `The coordinator that answers has no transfer ${id}; store ${coordinator.store} began it.`,
        'If that store still exists, start the coordinator on it, and all is resolved within ' +
          'seconds.',
        'If it is lost, look for a decision in its last backup, at every other participant, and ' +
          'in what the client was told. A decision anywhere is the decision. If there is none, ' +
          'abort, at every participant that has it.',
      ];
    case 'archived':
      return [
        'It has ended, and its records were moved elsewhere: look for the decision in the ' +
          'archive of the coordinator, and settle it to that.',
      ];
    case 'away':
      return [
        'The coordinator does not answer. Bring it back, on its store: everything is resolved ' +
          'within seconds then, and nothing is lost by waiting.',
      ];
  }
}

/** How it is asked for: `commit`, `abort`. */
export const verbOf = (decision: Decision) => (decision === 'committed' ? 'commit' : 'abort');

/** What the coordinator has sent to a participant, and whether that was answered; in sentences. */
export function triesOf({ steps }: Pick<Timeline, 'steps'>, participant: string): string[] {
  return steps
    .filter(({ node, to }) => node === 'coordinator' && to === participant)
    .map(({ type, attempts = 1, durationMs }) => {
      const times = attempts === 1 ? 'once' : `${attempts} times`;
      const answered = durationMs === null ? 'no answer yet' : 'answered';
      return `The coordinator has sent it ${type} ${times}: ${answered}.`;
    });
}

/** What an operator has achieved, in sentences. `name`: of the participant. */
export function outcomeOf(
  { state, resolution, dismissal }: Branch,
  name: string,
): readonly string[] {
  if (dismissal) {
    const booked = dismissal.compensated ? 'What was missing is booked' : 'Nothing was booked';
    return [`The report is dismissed. ${booked}, and that is on the disk of ${name}.`];
  }
  if (!resolution) return [`${name} has it as ${state}.`];
  const settled = `${name} has ${resolution.outcome} it by hand, and that is on its disk.`;
  if (state === 'resolved') {
    return [
      settled,
      'It goes on asking for the decision. If that is the same, nothing is left to do; if it is ' +
        'the other one, the damage is told here and under In doubt.',
    ];
  }
  if (state === 'damaged') return [settled, 'But the decision is the other one: make it right.'];
  return [settled, `The decision is known, and the same: ${state}.`];
}
