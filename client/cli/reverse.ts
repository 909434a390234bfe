/** The commands that take a transfer back: before it is decided, and after. */
import { InvalidArgumentError, type Command } from 'commander';
import { ApiError, type Leg, type ReversalRequest, type Transfer } from '../sdk/index.ts';
import { parseAmount } from './amounts.ts';
import { addShared, coordinatorOf, sentenceOf, type ClientOptions } from './client-command.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import {
  addTransferOptions,
  addWaitingOptions,
  describeMoved,
  tellOutcome,
  termsOf,
  type TransferOptions,
} from './outcome.ts';
import { oneLine } from './table.ts';

interface ReverseOptions extends TransferOptions {
  amount?: string;
  leg?: readonly LegAmount[];
}

/** What was written for one leg; `number` counts from 1, as `show` lists them. */
interface LegAmount {
  readonly number: number;
  readonly amount: string;
}

/** Adds `cancel` and `reverse`. */
export function addReverseCommands(program: Command, io: Io): void {
  const cancelling = program
    .command('cancel <id>')
    .description('abort a transfer that is not decided yet');
  addShared(cancelling, io, 'cancel k3f9q2ma-1-42').action((id: string, options: ClientOptions) =>
    cancel(id, options, io),
  );
  const reversing = program
    .command('reverse <id>')
    .description('move back what a transfer has moved: all that is left of it, or a part')
    .option('--amount <amount>', 'how much of a transfer with one leg, such as 25.00')
    .option(
      '--leg <number=amount>',
      'how much of one leg, as show numbers them; may be repeated',
      addLeg,
    );
  addTransferOptions(reversing);
  addWaitingOptions(reversing, 'repeat a reversal safely; default: a new one');
  const part = 'reverse k3f9q2ma-1-42 --amount 5.00 --reference "refund of invoice 7"';
  const legs = 'reverse k3f9q2ma-1-44 --leg 1=5.00 --leg 2=0.25';
  addShared(reversing, io, 'reverse k3f9q2ma-1-42', part, legs).action(
    (id: string, options: ReverseOptions) => reverse(id, options, io),
  );
}

/** @throws {InvalidArgumentError} unless it is a new number, an equals sign and something */
function addLeg(text: string, legs: readonly LegAmount[] = []): LegAmount[] {
  const [, digits, amount] = /^([1-9]\d{0,2})=(.+)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('It must look like 1=25.00.');
  const number = Number(digits);
  if (legs.some((one) => one.number === number)) {
    throw new InvalidArgumentError(`It gives leg ${number} twice.`);
  }
  return [...legs, { number, amount }];
}

async function cancel(id: string, options: ClientOptions, io: Io): Promise<void> {
  const transfer = await coordinatorOf(options)
    .cancel(id)
    .catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.definite) throw error;
      const look = `look with unanimous show ${id}`;
      throw new CommandError(
        3,
        `not known whether it was cancelled (${sentenceOf(error)}); ${look}`,
      );
    });
  if (options.json) io.out(jsonLine(transfer));
  else io.out(oneLine(`cancelled ${transfer.id}: ${describeMoved(transfer)}`), 'good');
}

async function reverse(id: string, options: ReverseOptions, io: Io): Promise<void> {
  const { amount, leg = [] } = options;
  if (amount !== undefined && leg.length > 0) {
    throw new CommandError(2, 'say --amount or --leg, not both');
  }
  // Amounts are written in the currency of what they are a part of.
  const isPart = amount !== undefined || leg.length > 0;
  const part = isPart ? partOf(await coordinatorOf(options).getTransfer(id), options) : {};
  const body = { ...part, ...termsOf(options) };
  await tellOutcome(options, io, (coordinator, how) => coordinator.reverse(id, body, how));
}

/** @throws {CommandError} unless each amount is one of a leg that is there */
function partOf({ id, legs }: Transfer, { amount, leg = [] }: ReverseOptions): ReversalRequest {
  const read = (text: string, { currency }: Leg) => {
    const parsed = parseAmount(text, currency);
    if ('error' in parsed) throw new CommandError(2, parsed.error);
    return parsed.amount;
  };
  if (amount !== undefined) {
    const [only, ...others] = legs;
    if (!only || others.length > 0) {
      throw new CommandError(2, `${id} has ${legs.length} legs: say --leg 1=25.00 for each`);
    }
    return { amount: read(amount, only) };
  }
  const parts = leg.map((one) => {
    const whole = legs[one.number - 1];
    if (!whole) throw new CommandError(2, `${id} has no leg ${one.number}, only ${legs.length}`);
    return { leg: one.number - 1, amount: read(one.amount, whole) };
  });
  return { legs: parts };
}
