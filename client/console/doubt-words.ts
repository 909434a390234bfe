/** What a participant says itself of its part in a transfer, in sentences. */
import { money } from '../cli/amounts.ts';
import { ApiError, type Branch } from '../sdk/index.ts';
import { listed } from './in-words.ts';

/** What it has told, or why it has not. */
export function doubtInWords(name: string, told: Branch | ApiError): readonly string[] {
  if (told instanceof ApiError) {
    return told.code === 'branch-not-found'
      ? [`${name} knows nothing of it yet.`]
      : [`${name} cannot be asked now: ${told.message}.`, 'What it has promised, it keeps.'];
  }
  const { state, legs, peers, preparedAt, decidedAt, resolution } = told;
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
