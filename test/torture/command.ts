/** What the command line asks for. */
import { parseArgs } from 'node:util';
import { folderFaults } from './folder-bank.ts';
import { postgresFaults } from './postgres-attacks.ts';

export const help = `Torments a bank of real processes, and judges what its users have seen.
It runs what \`npm run build\` has made.

  node --import tsx test/torture/main.ts --minutes M [--folder F] [--seed S] [--faults LIST]
  node --import tsx test/torture/main.ts --postgres --minutes M [--coordinators N] …
  node --import tsx test/torture/main.ts --check FILE

  --minutes M     how long there are faults; more than 0, such as 60 or 0.5
  --folder F      a new or empty folder for the stores and history.jsonl; kept
                  (without it: a temporary one, which is kept only if something is wrong);
                  with --postgres as root, one that the user postgres can reach
  --seed S        repeats the choices of an earlier run; a whole number from 0 to 4294967295
  --faults LIST   only these, separated by commas; all unless told:
                  ${folderFaults.slice(0, 7).join(', ')},
                  ${folderFaults.slice(7).join(', ')};
                  with --postgres:
                  ${postgresFaults.slice(0, 4).join(', ')},
                  ${postgresFaults.slice(4, 8).join(', ')},
                  ${postgresFaults.slice(8).join(', ')}
  --postgres      with the stores in one PostgreSQL, which it brings along: coordinators
                  that customers choose from, and two processes for each participant
  --coordinators N
                  how many coordinators there are then; a whole number from 1 to 9; 3 unless told
  --check FILE    judges a history.jsonl again
  --help          prints this

Exit code:
  0  everything that must hold does hold
  1  something does not, or the run was broken off
  2  the command is wrong
`;

/** A command that cannot be run as it was given. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Command =
  { readonly does: 'help' } | { readonly does: 'check'; readonly file: string } | Run;

export interface Run {
  readonly does: 'run';
  readonly minutes: number;
  readonly seed: number;
  /** The names of faults. */
  readonly kinds: readonly string[];
  readonly folder: string | undefined;
  /** How many there are on one PostgreSQL; undefined: one, with a folder for each store. */
  readonly coordinators: number | undefined;
}

/**
 * @param drawn the seed, unless one is given
 * @throws {UsageError} which names the flag, and what it may be
 */
export function parseCommand(args: string[], drawn: number): Command {
  const { help: wantsHelp, check, folder, ...values } = parsed(args);
  if (wantsHelp) return { does: 'help' };
  if (check !== undefined) return { does: 'check', file: check };
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes < Infinity)) {
    const was = values.minutes === undefined ? 'is missing' : `was ${values.minutes}`;
    throw new UsageError(`--minutes must be a number above 0, and ${was}`);
  }
  const seed = values.seed === undefined ? drawn : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    const range = 'a whole number from 0 to 4294967295';
    throw new UsageError(`--seed must be ${range}, and was ${values.seed ?? drawn}`);
  }
  const coordinators = coordinatorsIn(values);
  const kindsOfFaults = coordinators === undefined ? folderFaults : postgresFaults;
  const kinds = values.faults?.split(',').map((kind) => kind.trim()) ?? kindsOfFaults;
  const unknown = kinds.find((kind) => !kindsOfFaults.includes(kind));
  if (unknown !== undefined) {
    const known = kindsOfFaults.join(', ');
    throw new UsageError(`--faults: there is no "${unknown}"; there are ${known}`);
  }
  return { does: 'run', minutes, seed, kinds, folder, coordinators };
}

/** @throws {UsageError} */
function coordinatorsIn(values: ReturnType<typeof parsed>): number | undefined {
  const { postgres = false, coordinators } = values;
  if (!postgres) {
    if (coordinators === undefined) return undefined;
    throw new UsageError('--coordinators goes with --postgres');
  }
  const number = Number(coordinators ?? 3);
  if (Number.isInteger(number) && number >= 1 && number <= 9) return number;
  const range = 'a whole number from 1 to 9';
  throw new UsageError(`--coordinators must be ${range}, and was ${coordinators}`);
}

function parsed(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    ...{ minutes: text, folder: text, seed: text, faults: text, check: text, coordinators: text },
    ...{ help: flag, postgres: flag },
  };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
