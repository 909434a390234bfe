/** The commands by which an operator settles what is in doubt, and makes it right again. */
import { createInterface } from 'node:readline/promises';
import { Argument, type Command } from 'commander';
import { ApiError, type Branch } from '../sdk/index.ts';
import { describeLegOf, printBranch } from './branches.ts';
import { addShared, participantOf, sentenceOf, type ClientOptions } from './client-command.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './table.ts';

interface ResolveOptions extends ClientOptions {
  reason: string;
  yes?: true;
}

interface DismissOptions extends ClientOptions {
  reason: string;
  compensate: boolean;
}

/** Adds `resolve` and `dismiss`. */
export function addSettleCommands(program: Command, io: Io): void {
  const resolving = program
    .command('resolve <participant> <in-doubt>')
    .description(
      "settle by hand what is in doubt at a participant; needs the operator's key as --key",
    )
    .addArgument(new Argument('<outcome>', 'what to do with it').choices(['commit', 'abort']))
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--yes', 'do not ask whether it is meant');
  const example = 'k3f9q2ma-1-42 abort --reason "the coordinator is lost"';
  addShared(resolving, io, `resolve bank-a ${example}`).action(
    (participant: string, id: string, outcome: 'commit' | 'abort', options: ResolveOptions) =>
      resolve({ participant, id, outcome }, options, io),
  );
  const dismissing = program
    .command('dismiss <participant> <id>')
    .description(
      "make right what was settled unlike the decision, by a booking; needs the operator's key",
    )
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--no-compensate', 'book nothing: it was made right elsewhere');
  const paid = 'dismiss bank-a k3f9q2ma-1-42 --reason "paid in cash" --no-compensate';
  addShared(
    dismissing,
    io,
    'dismiss bank-a k3f9q2ma-1-42 --reason "committed after all"',
    paid,
  ).action((participant: string, id: string, options: DismissOptions) =>
    dismiss({ participant, id }, options, io),
  );
}

/** A branch that somebody wants to do something with. */
interface Wanted {
  readonly participant: string;
  readonly id: string;
}

async function resolve(
  { participant, id, outcome }: Wanted & { outcome: 'commit' | 'abort' },
  { reason, yes, ...options }: ResolveOptions,
  io: Io,
): Promise<void> {
  const ledger = await participantOf(options, participant);
  if (!yes) await confirm(risk(await ledger.branch(id), participant, outcome), io);
  const how = { outcome: outcome === 'commit' ? 'committed' : 'aborted', reason } as const;
  const branch = await ledger.resolve(id, how).catch((error: unknown) => {
    throw inDoubt(error, { participant, id });
  });
  printBranch({ participant, ...branch }, options, io);
}

async function dismiss(
  { participant, id }: Wanted,
  { reason, compensate, ...options }: DismissOptions,
  io: Io,
): Promise<void> {
  const ledger = await participantOf(options, participant);
  const branch = await ledger.dismiss(id, { reason, compensate }).catch((error: unknown) => {
    throw inDoubt(error, { participant, id });
  });
  printBranch({ participant, ...branch }, options, io);
}

/** What the error means to whoever wanted to change something. */
function inDoubt(error: unknown, { participant, id }: Wanted): unknown {
  if (!(error instanceof ApiError) || error.definite) return error;
  const look = `look with unanimous branches ${participant}/${id}`;
  return new CommandError(3, `not known whether it was done (${sentenceOf(error)}); ${look}`);
}

/** What a person must know before. */
function risk({ id, state, legs }: Branch, participant: string, outcome: string): string[] {
  const booked = outcome === 'commit' ? 'books' : 'gives up';
  return [
    oneLine(`${participant} has ${id} as ${state}; to ${outcome} it ${booked}:`),
    ...legs.map((leg) => `  ${oneLine(describeLegOf(leg))}`),
    'This is a guess at the decision, and the other participants do not follow it. If the decision',
    'is the other one, money is missing or doubled until the damage is dismissed.',
  ];
}

/** @throws {CommandError} unless somebody at a terminal says yes */
async function confirm(lines: readonly string[], io: Io): Promise<void> {
  const { input, terminal } = io.typed();
  if (!terminal)
    throw new CommandError(2, 'there is no terminal to ask at: add --yes if you mean it');
  for (const line of lines) io.err(line);
  const asking = createInterface({ input, output: terminal });
  const left = new Promise<string>((done) => {
    asking.once('close', () => {
      done('');
    });
  });
  const said = await Promise.race([asking.question('Do it? (yes/no) '), left]);
  asking.close();
  if (!/^y(es)?$/i.test(said.trim())) throw new CommandError(1, 'nothing was changed');
}
