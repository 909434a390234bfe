/** The command that makes a transfer. */
import type { Command } from 'commander';
import type { Leg } from '../sdk/index.ts';
import { parseAmount } from './amounts.ts';
import { addShared, parsePath } from './client-command.ts';
import { CommandError, type Io } from './io.ts';
import {
  addTransferOptions,
  addWaitingOptions,
  tellOutcome,
  termsOf,
  type TransferOptions,
} from './outcome.ts';

/** Adds `transfer`. */
export function addTransferCommand(program: Command, io: Io): void {
  const command = program
    .command('transfer')
    .description('move money between accounts, atomically: all legs happen, or none')
    .argument('<from>', 'the account that pays, such as bank-a/alice')
    .argument('<to>', 'the account that gets it')
    .argument('<amount>', 'as people write it: 25.00 or 25 in USD, 500 in JPY')
    .argument('<currency>', 'an ISO 4217 code, such as USD')
    .argument('[more...]', 'further legs: the same four words for each');
  addTransferOptions(command);
  addWaitingOptions(command, 'repeat a transfer safely; default: a new one');
  const one = 'transfer bank-a/alice bank-b/bob 25.00 USD';
  const two = `${one} bank-b/bob bank-a/alice 0.25 USD --reference "invoice 7"`;
  addShared(command, io, one, two).action(
    (
      from: string,
      to: string,
      amount: string,
      currency: string,
      more: string[],
      options: TransferOptions,
    ) => transfer([from, to, amount, currency, ...more], options, io),
  );
}

/** @throws {CommandError} unless each leg is whole, between two accounts and of a right amount */
function readLegs(words: readonly string[]): Leg[] {
  const legs = [];
  for (let at = 0; at < words.length; at += 4) {
    const [from = '', to = '', amount, currency] = words.slice(at, at + 4);
    if (amount === undefined || currency === undefined) {
      const left = words.slice(at).join(' ');
      throw new CommandError(2, `a leg is FROM TO AMOUNT CURRENCY, four words; "${left}" is not`);
    }
    for (const account of [from, to]) parsePath(account, 'bank-a/alice');
    const parsed = parseAmount(amount, currency);
    if ('error' in parsed) throw new CommandError(2, parsed.error);
    legs.push({ from, to, ...parsed });
  }
  return legs;
}

async function transfer(words: readonly string[], options: TransferOptions, io: Io): Promise<void> {
  const [first, ...others] = readLegs(words);
  if (!first) return;
  const body = {
    ...(others.length === 0 ? first : { legs: [first, ...others] }),
    ...termsOf(options),
  };
  await tellOutcome(options, io, (coordinator, how) => coordinator.transfer(body, how));
}
