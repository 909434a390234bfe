import type { OwnExamples } from '../http/examples.ts';
import type { Participant } from './participant.ts';

/** Examples that work here: an account to read, the newest branch, and ids that are still free. */
export async function participantExamples(participant: Participant): Promise<OwnExamples> {
  const { ledger, state } = participant;
  const [account] = ledger.accounts();
  const currency = account?.currency ?? 'USD';
  const parameters = { TransferId: [...state.branches.keys()].at(-1), AccountId: account?.id };
  const opening = { id: free('carol'), currency, balance: 100_000 };
  const overdraft = { id: free('dave'), currency, balance: 0, minimum: -50_000 };
  await participant.durable();
  return { parameters, bodies: { openAccount: { opening, overdraft } } };

  function free(name: string): string {
    let id = name;
    for (let number = 2; ledger.account(id); number += 1) id = `${name}-${number}`;
    return id;
  }
}
