/** What one step of a timeline is called, in a word and in a sentence. */
import { ms } from './durations.ts';
import type { TimelineStep } from '../sdk/index.ts';

/** How good or bad a step is for the transfer. */
export type Look = 'plain' | 'wait' | 'good' | 'bad';

/** A message that waits for an answer. */
export const isQuestion = ({ type }: TimelineStep): boolean =>
  ['prepare', 'commit', 'abort', 'commit-one-phase'].includes(type);

export function lookOf({ type, vote, state, code }: TimelineStep): Look {
  if (type === 'vote') return vote === 'yes' ? 'good' : 'bad';
  if (type === 'commit' || type === 'committed') return 'good';
  if (type === 'abort' || type === 'aborted' || code !== undefined) return 'bad';
  if (type === 'inquiry')
    return state === undefined ? 'wait' : state === 'committed' ? 'good' : 'bad';
  if (type === 'decided') return state === 'committed' ? 'good' : 'bad';
  return 'plain';
}

/** What stands at a step of a diagram: of an answer, what was answered. */
export function labelOf({ type, vote, code, state }: TimelineStep): string {
  switch (type) {
    case 'vote':
      return (vote ?? 'none') + (code === undefined ? '' : `: ${code}`);
    case 'decided':
      return `decided: ${state ?? ''}`;
    case 'acknowledge':
      return code === undefined ? 'done' : `no: ${code}`;
    case 'inquiry':
      return `inquiry: ${state ?? 'wait'}`;
    default:
      return type;
  }
}

const asks: Readonly<Partial<Record<TimelineStep['type'], string>>> = {
  prepare: 'to prepare, and to vote',
  commit: 'to commit',
  abort: 'to abort',
  'commit-one-phase': 'to decide it alone, in one phase',
};

/** The step in a sentence without its end. */
export function sentenceOf(step: TimelineStep): string {
  const { type, node, to = '', state, reason, durationMs, forced } = step;
  const disk = forced && durationMs !== null ? `, forced to disk in ${ms(durationMs)}` : '';
  const asked = asks[type];
  if (asked !== undefined) return `The ${node} asks ${to} ${asked}`;
  switch (type) {
    case 'begun':
      return 'The coordinator begins the transfer';
    case 'vote':
      return `${node} votes ${step.vote ?? 'none'}${whyNot(step)}`;
    case 'decided':
      return `The coordinator decides: ${state ?? ''}${reason ? ` (${reason})` : ''}${disk}`;
    case 'acknowledge':
      return `${node} confirms: ${state ?? ''}${whyNot(step)}`;
    case 'inquiry':
      return `${node} asks what was decided; the answer is ${state ?? 'that nothing is yet'}`;
    case 'ended':
      return 'Everyone who had to know has confirmed: the transfer has ended';
    default:
      return `${node} records it as ${type}${disk}`;
  }
}

/** The reason of a no, in brackets. */
export const whyNot = ({ code, account }: Pick<TimelineStep, 'code' | 'account'>): string =>
  code === undefined ? '' : ` (${code}${account === undefined ? '' : ` on ${account}`})`;
