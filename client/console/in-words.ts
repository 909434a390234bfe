/** A transfer in sentences: where it is now, and why it was aborted. */
import { money } from '../cli/amounts.ts';
import type { ProblemKind, Timeline, TimelineStep, Transfer } from '../sdk/index.ts';
import type { Branches } from './sequence.ts';
import { isQuestion, whyNot } from './step-words.ts';

/** All that is known of a transfer. */
export interface Situation {
  readonly transfer: Transfer;
  readonly timeline: Timeline;
  readonly branches: Branches;
  /** What the code of its `reason` means, once that is known. */
  readonly problem: ProblemKind | undefined;
}

/** How many names are told before the rest is only counted. */
const mostNames = 5;

/** Where it is now: whole sentences, the most important one first. */
export function inWords(situation: Situation): readonly string[] {
  const { state } = situation.transfer;
  return state === 'preparing'
    ? undecided(situation)
    : [...decided(situation), ...damage(situation)];
}

/** Why it was aborted: whole sentences; none unless it was. */
export function whyAborted({ transfer, problem }: Situation): readonly string[] {
  const { state, reason, participants } = transfer;
  if (state !== 'aborted') return [];
  const noes = participants
    .filter(({ vote }) => vote === 'no')
    .map((one) => `${one.name} voted no${whyNot(one)}.`);
  const silent = participants.filter(({ vote }) => vote === 'none').map(({ name }) => name);
  const late =
    reason === 'vote-timeout' && silent.length > 0
      ? [`No vote of ${listed(silent)} was counted before the deadline.`]
      : [];
  const meaning = problem ? [problem.description] : [`The reason is ${reason ?? 'not told'}.`];
  return [...noes.slice(0, mostNames), ...late, ...meaning];
}

/** The participants that have promised, and do not know the outcome, for all that is known. */
export function inDoubt({ transfer, timeline, branches }: Omit<Situation, 'problem'>): string[] {
  const waited = new Set(unanswered(timeline, 'commit', 'abort').map(({ to }) => to));
  return transfer.participants.flatMap(({ name, vote, state }) => {
    const own = branches.get(name);
    if (own) return own.state === 'prepared' ? [name] : [];
    const promised = vote === 'yes' && state !== 'damaged';
    return promised && (transfer.state === 'preparing' || waited.has(name)) ? [name] : [];
  });
}

function undecided(situation: Situation): string[] {
  const { transfer, timeline } = situation;
  const by = (vote: string) =>
    transfer.participants.filter((one) => one.vote === vote).map(({ name }) => name);
  const [yes, no, silent] = [by('yes'), by('no'), by('none')];
  const alone = timeline.steps.some(({ type }) => type === 'commit-one-phase');
  if (alone && yes.length === 0) {
    const all = `${listed(silent)} has all of this transfer, so it decides alone.`;
    return [`${all} Its answer is not there yet${tries(timeline, 'commit-one-phase')}.`];
  }
  const waits =
    silent.length > 0
      ? `the coordinator waits for the vote of ${listed(silent)}${tries(timeline, 'prepare')}`
      : 'all votes are in';
  return [
    `Nothing is decided yet: ${waits}.`,
    ...(no.length > 0 ? [`${listed(no)} voted no, so it will be aborted.`] : []),
    ...(yes.length > 0
      ? [`${listed(yes)} voted yes: in doubt until the decision is heard, and bound by the vote.`]
      : []),
  ];
}

function decided(situation: Situation): string[] {
  const { transfer, timeline, branches } = situation;
  const { state } = transfer;
  const is =
    state === 'committed'
      ? 'Committed, and that is final'
      : 'Aborted: nothing was moved, and nothing will be';
  if (timeline.steps.some(({ type }) => type === 'ended')) {
    return [`${is}. Everyone who had to know has confirmed.`];
  }
  const waiting = unanswered(timeline, 'commit', 'abort').map(({ to = '' }) => to);
  if (waiting.length === 0) return [`${is}. The participants are being told.`];
  const doubting = inDoubt(situation).filter((name) => waiting.includes(name));
  const knowing = waiting.filter((name) => branches.get(name)?.state === state);
  return [
    `${is}. Not confirmed yet by ${listed(waiting)}${tries(timeline, 'commit', 'abort')}.`,
    ...(doubting.length > 0
      ? [`In doubt until it hears the decision: ${listed(doubting)}. What it holds stays held.`]
      : []),
    ...(knowing.length > 0
      ? [`${listed(knowing)} knows it by its own word: only the confirmation is missing.`]
      : []),
  ];
}

/** Where an operator had settled it the other way. */
function damage({ transfer }: Situation): string[] {
  return transfer.participants.flatMap(({ name, damage: entries = [] }) => {
    if (entries.length === 0) return [];
    const missing = entries.map(({ account, amount, currency }) => {
      return `${amount > 0 ? '+' : ''}${money(amount, currency)} on ${account}`;
    });
    return [
      `At ${name} an operator had settled it otherwise; to make that right: ${listed(missing)}.`,
    ];
  });
}

/** The questions that wait for an answer, of these types or of any. */
export const unanswered = (
  { steps }: Timeline,
  ...types: readonly TimelineStep['type'][]
): TimelineStep[] =>
  steps
    .filter((step) => isQuestion(step) && step.durationMs === null)
    .filter(({ type }) => types.length === 0 || types.includes(type));

/** How often the one that was asked most has been asked; nothing if that is once. */
function tries(timeline: Timeline, ...types: readonly TimelineStep['type'][]): string {
  const most = Math.max(1, ...unanswered(timeline, ...types).map(({ attempts = 1 }) => attempts));
  return most === 1 ? '' : ` (asked ${most} times)`;
}

/** Names as a sentence has them, those beyond `mostNames` as a number. */
export function listed(names: readonly string[]): string {
  if (names.length > mostNames) {
    return `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`;
  }
  const [last = 'nobody', ...others] = names.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
}
