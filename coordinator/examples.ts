import { randomUUID } from 'node:crypto';
import type { Contract } from '../http/contract.ts';
import type { OwnExamples } from '../http/examples.ts';
import { TransportError, type Transport } from '../http/transport.ts';
import type { Coordinator } from './coordinator.ts';
import type { Member } from './directory.ts';
import { participantOf, type Transfer } from './protocol.ts';
import { parseAccounts } from './reply.ts';

/** How many participants are asked for their accounts, and how many each of them may name. */
const mostAsked = 2;
const mostAccounts = 20;

/** How many of the newest transfers are looked at. */
const mostTransfers = 20;

/** How long they may take. Milliseconds. */
const askMs = 500;

/** What an example moves where there is enough of it. Minor units. */
const usualAmount = 2_500;

interface Wiring {
  /** The participants' contract: a reply that breaks it is no reply. */
  readonly contract: Contract;
  readonly transport: Transport;
}

/** An account that an example may name. */
interface Purse {
  /** As transfers name it: `participant/account`. */
  readonly path: string;
  readonly currency: string;
  /** What it can pay. Minor units. */
  readonly spare: number;
}

/**
 * Examples that work here: a participant, an account of it, the newest transfer, and transfers
 * between accounts that exist and can pay. Participants are asked for accounts without a key: what
 * they do not tell everyone is not told here either. Without them, there are the accounts of past
 * transfers.
 */
export async function coordinatorExamples(
  coordinator: Coordinator,
  wiring: Wiring,
): Promise<OwnExamples> {
  const members = [...coordinator.directory.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const up = members.filter(({ name }) => coordinator.health(name).health !== 'down');
  const asked = up.slice(0, mostAsked).map((member) => pursesOf(member, wiring));
  const purses = (await Promise.all(asked)).flat();
  const transfers: Transfer[] = [];
  for await (const { transfer } of coordinator.newestFirst({})) {
    transfers.unshift(transfer);
    if (transfers.length === mostTransfers) break;
  }
  const newest = transfers.at(-1)?.begun;
  // It has a part in the newest transfer, so that all that is filled in fits together.
  const name = newest?.participants[0] ?? members[0]?.name;
  const { voteTimeoutMs } = coordinator.limits;
  const between =
    transfersBetween(purses, voteTimeoutMs) ?? transfersBetween(pursesIn(transfers), voteTimeoutMs);
  await coordinator.durable();
  return {
    parameters: {
      ParticipantName: name,
      AccountId: accountOf(name, [...purses, ...pursesIn(transfers)]),
      TransferId: newest?.id,
    },
    bodies: {
      createTransfer: between,
      createTransfers: between && bulkOf(between),
      reverseTransfer: partsOfLeast,
    },
  };
}

/** The first account of a participant that is known. */
function accountOf(name: string | undefined, purses: readonly Purse[]): string | undefined {
  const own = purses.find(({ path }) => participantOf(path) === name);
  return own?.path.slice(own.path.indexOf('/') + 1);
}

/** Parts of any transfer, however little it has moved. */
const partsOfLeast = {
  part: { amount: 1, reference: 'refund of invoice 7' },
  legs: { legs: [{ leg: 0, amount: 1 }] },
};

/** The same, each for itself; the last one has a single leg, and is the newest after it. */
function bulkOf({ single, multi }: { single: object; multi: object }) {
  return { bulk: { transfers: [multi, { ...single, idempotencyKey: randomUUID() }] } };
}

/** The first accounts of a participant; none if it does not answer, or not to everyone. */
async function pursesOf(
  { name, address }: Member,
  { contract, transport }: Wiring,
): Promise<Purse[]> {
  const url = `${address}/accounts?limit=${mostAccounts}`;
  try {
    const asked = { method: 'GET', url, to: name, timeoutMs: askMs } as const;
    const { status, body } = await transport.send(asked);
    if (status !== 200 || contract.replyErrors('listAccounts', status, body) !== null) return [];
    return parseAccounts(body)
      .filter(({ frozen }) => !frozen)
      .map(({ id, currency, available, minimum }) => {
        return { path: `${name}/${id}`, currency, spare: available - minimum };
      });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return [];
  }
}

/** The accounts of the newest transfer that has committed: whoever was paid can pay it back. */
function pursesIn(transfers: readonly Transfer[]): Purse[] {
  const newest = transfers.findLast(({ decided }) => decided?.state === 'committed');
  return (newest?.begun.legs.slice(0, 1) ?? []).flatMap(({ from, to, amount, currency }) => [
    { path: to, currency, spare: amount },
    { path: from, currency, spare: 0 },
  ]);
}

/** Bodies that can be sent one after the other, or undefined where nothing can be moved. */
function transfersBetween(purses: readonly Purse[], timeoutMs: number) {
  for (const payer of [...purses].sort((a, b) => amountOf(b) - amountOf(a))) {
    const amount = amountOf(payer);
    const others = purses.filter((one) => one !== payer && one.currency === payer.currency);
    const isElsewhere = ({ path }: Purse) => participantOf(path) !== participantOf(payer.path);
    const payee = others.find(isElsewhere) ?? others[0];
    if (!payee || amount === 0) continue;
    const leg = { from: payer.path, to: payee.path, amount, currency: payer.currency };
    const fee = { ...leg, amount: Math.ceil(amount / 100) };
    const back = payee.spare < fee.amount ? fee : { ...fee, from: leg.to, to: leg.from };
    return {
      single: { ...leg, reference: 'invoice 7' },
      multi: {
        legs: [leg, back],
        reference: 'invoice 8',
        metadata: { order: '1009' },
        timeoutMs,
      },
    };
  }
  return undefined;
}

/** At most a third of what there is: that is enough for one example after the other. */
const amountOf = ({ spare }: Purse) => Math.min(usualAmount, Math.floor(spare / 3));
