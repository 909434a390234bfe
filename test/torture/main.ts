/** The command: `node --import tsx test/torture/main.ts --minutes 60`. */
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { plainEnv, program } from '../fixtures/cluster.ts';
import { help, parseCommand, UsageError, type Run } from './command.ts';
import { FolderBank } from './folder-bank.ts';
import { judge, onPostgres, torture } from './torture.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Judges a history, and prints what it shows; the exit code. */
async function check(file: string): Promise<number> {
  const verdict = await judge(file);
  for (const line of verdict.lines()) process.stdout.write(`${line}\n`);
  return verdict.holds ? 0 : 1;
}

/** How people use a bank, and how it is tormented. */
const usual = {
  customers: 20,
  thinkMs: 150,
  answerMs: 5_000,
  faultMs: { leastMs: 500, mostMs: 5_000 },
  quietMs: { leastMs: 1_000, mostMs: 2_000 },
};

/** What is run, and what is other than usual. */
async function bankIn(place: string, coordinators: number | undefined) {
  const nodes = { module: program, env: plainEnv, execArgv: [] };
  if (coordinators === undefined) {
    const options = { folder: place, program: nodes, segmentBytes: 1024 * 1024 };
    return { ...usual, bank: new FolderBank(options) };
  }
  // It is large, and only needed here.
  const { PostgresBank } = await import('./postgres-bank.ts');
  // What runs PostgreSQL would stop it at a signal, before anything else ends.
  for (const signal of signals) process.removeAllListeners(signal);
  const bank = new PostgresBank({ folder: place, program: nodes, coordinators });
  return { ...usual, ...onPostgres, bank };
}

async function run({ minutes, seed, kinds, folder, coordinators }: Run): Promise<number> {
  if (!existsSync(program)) throw new UsageError(`${program} is missing: npm run build makes it`);
  const place = folder === undefined ? mkdtempSync(join(tmpdir(), 'unanimous-torture-')) : folder;
  const bank = await bankIn(place, coordinators);
  const stop = new AbortController();
  for (const signal of signals) {
    process.once(signal, () => {
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  say(`seed ${seed}; stores and history in ${place}`);
  let isGood = false;
  try {
    const file = await torture({
      ...bank,
      ...{ folder: place, seed, kinds, say, ms: minutes * 60_000, signal: stop.signal },
    });
    isGood = (await check(file)) === 0;
  } catch (error) {
    const why: unknown = stop.signal.aborted ? stop.signal.reason : error;
    say(`broken off: ${why instanceof Error ? why.message : String(why)}`);
    // What was seen until then may tell more.
    if (!stop.signal.aborted) await check(join(place, 'history.jsonl'));
  }
  if (isGood && folder === undefined) rmSync(place, { recursive: true });
  else say(`the stores and the history are in ${place}; seed ${seed}`);
  return isGood ? 0 : 1;
}

/** Makes it if need be; only an empty one will do. */
function emptyFolder(folder: string): string {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  if (readdirSync(path).length > 0) throw new UsageError(`--folder: ${path} is not empty`);
  return path;
}

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args, randomInt(2 ** 32));
  switch (command.does) {
    case 'help':
      process.stdout.write(help);
      return 0;
    case 'check':
      return check(command.file);
    case 'run': {
      const { folder } = command;
      return run({ ...command, folder: folder === undefined ? undefined : emptyFolder(folder) });
    }
  }
}

try {
  // What runs PostgreSQL would make another exit code of this one when nothing is left to do.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isUsage = error instanceof UsageError;
  say(isUsage ? `${error.message}\n--help tells more` : error.message);
  process.exit(isUsage ? 2 : 1);
}
