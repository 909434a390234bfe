/** The command: `node --import tsx test/torture/main.ts --minutes 60`. */
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { plainEnv, program } from '../fixtures/cluster.ts';
import { help, parseCommand, UsageError, type Run } from './command.ts';
import { judge, torture } from './torture.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Judges a history, and prints what it shows; the exit code. */
async function check(file: string): Promise<number> {
  const verdict = await judge(file);
  for (const line of verdict.lines()) process.stdout.write(`${line}\n`);
  return verdict.holds ? 0 : 1;
}

async function run({ minutes, seed, kinds, folder }: Run): Promise<number> {
  if (!existsSync(program)) throw new UsageError(`${program} is missing: npm run build makes it`);
  const place = folder === undefined ? mkdtempSync(join(tmpdir(), 'unanimous-torture-')) : folder;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  say(`seed ${seed}; stores and history in ${place}`);
  let isGood = false;
  try {
    const file = await torture({
      ...{ folder: place, seed, kinds, say, ms: minutes * 60_000, signal: stop.signal },
      program: { module: program, env: plainEnv, execArgv: [] },
      customers: 20,
      thinkMs: 150,
      faultMs: { leastMs: 500, mostMs: 5_000 },
      quietMs: { leastMs: 1_000, mostMs: 2_000 },
      segmentBytes: 1024 * 1024,
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
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isUsage = error instanceof UsageError;
  say(isUsage ? `${error.message}\n--help tells more` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}
