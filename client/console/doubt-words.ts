/** What a participant says itself of its part in a transfer, in sentences. */
import { money } from '../cli/amounts.ts';
import type { ApiError, Branch } from '../sdk/index.ts';
import { listed } from './in-words.ts';

/** The last that a participant has told of its part, and why it tells nothing now. */
export interface Told {
  readonly branch?: Branch;
  /** `down`: the coordinator does not reach it, so it was not asked. */
  readonly why?: ApiError | 'down' | undefined;
}

/** What it has told, or why it has not: whole sentences. */
export function doubtInWords(name: string, { branch, why }: Told): readonly string[] {
  return [...(why ? [notNow(name, why)] : []), ...(branch ? partInWords(name, branch) : [])];
}

function notNow(name: string, why: ApiError | 'down'): string {
  const kept = 'What it has promised, it keeps.';
  if (why === 'down') return `${name} is down, and cannot be asked. ${kept}`;
  if (why.code === 'branch-not-found') return `${name} knows nothing of it yet.`;
  return `${name} cannot be asked now: ${why.message}. ${kept}`;
}

function partInWords(name: string, branch: Branch): readonly string[] {
  const { state, legs, peers, preparedAt, decidedAt, resolution } = branch;
  switch (state) {
    case 'prepared': {
      const since = preparedAt === undefined ? '' : ` since ${preparedAt}`;
      const held = legs.map(({ account, amount, currency }) => {
        return `${money(Math.abs(amount), currency)} ${amount < 0 ? 'of' : 'for'} ${account}`;
      });
      const then =
        peers.length === 0
          ? ''
          : `, and after three questions that brought no decision also ${listed(peers)}`;
      return [
        `${name} is in doubt${since}, and keeps ready: ${listed(held)}.`,
        `When it hears nothing, it asks the coordinator again and again${then}.`,
      ];
    }
    case 'resolved':
      return [
        `An operator has settled it at ${name} as ${resolution?.outcome ?? 'not told'}: ` +
          `${resolution?.reason ?? ''}.`,
        'It goes on asking for the decision, which may be another one.',
      ];
    case 'damaged':
      return [`${name} knows the decision, and an operator had settled it the other way.`];
    case 'committed':
    case 'aborted': {
      const since = decidedAt === undefined ? '' : ` since ${decidedAt}`;
      return [`${name} has recorded it as ${state}${since}.`];
    }
  }
}
