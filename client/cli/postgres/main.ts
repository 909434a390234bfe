/**
 * The process that runs the PostgreSQL of `unanimous up --store postgres`: it ends the server when
 * it is told to, or when whoever has started it is gone. It ends when the server does.
 */
import { parseArgs } from 'node:util';
import { systemDisk } from '../../../log/disk.ts';
import { AwayError, StoreError } from '../../../log/store-error.ts';
import { CommandError, systemIo } from '../io.ts';
import { checkReach, findOwner } from './owner.ts';
import { placesIn } from './places.ts';
import { findPostgres } from './programs.ts';
import { PostgresServer } from './server.ts';

const io = systemIo();

/** What people want to know of what a server says; with `--verbose` they hear all of it. */
const serious = /\b(WARNING|ERROR|FATAL|PANIC): /;

/** @throws {CommandError} if another process runs the server of this folder, or it cannot start */
async function run(args: readonly string[], stopped: Promise<void>): Promise<number> {
  const { data, port, verbose } = readArguments(args);
  const places = placesIn(data);
  const programs = await findPostgres();
  const owner = findOwner(() => undefined);
  checkReach(owner, [data, programs.postgres, programs.initdb]);
  // The kernel releases it when this process dies.
  const lock = await systemDisk.tryLock(places.lock, `${process.pid}\n`);
  if (typeof lock === 'string') {
    throw new CommandError(1, `process ${lock.trim()} runs the PostgreSQL in ${places.folder}`);
  }
  const say = (line: string) => {
    if (verbose || serious.test(line)) io.err(line);
  };
  const server = new PostgresServer({ places, programs, owner, port, say });
  const started = server.start().then(() => true);
  if (await Promise.race([started, stopped.then(() => false)])) {
    io.tellParent({ type: 'listening', address: server.address });
    const ended = await Promise.race([server.ended(), stopped]);
    if (ended !== undefined) throw new CommandError(1, `PostgreSQL has ended (${ended})`);
    // Nodes that have lost their parent, too, finish what they do.
    if (!io.tellParent({ type: 'stopping' })) await server.untilUnused();
  }
  await server.stop();
  await started.catch(() => undefined);
  await lock.release();
  return 0;
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { data: text, port: text, verbose: { type: 'boolean', default: false } },
  });
  const { data, port, verbose } = values;
  if (data === undefined || port === undefined) {
    throw new CommandError(2, '--data and --port are missing');
  }
  return { data, port: Number(port), verbose };
}

/** Of the system: no right to write, for one. */
const isOfSystem = (error: Error) => 'syscall' in error;

const stopped = io.untilStopped();
const code = await run(process.argv.slice(2), stopped).catch((error: unknown) => {
  const kinds = [CommandError, StoreError, AwayError];
  if (!(error instanceof Error)) throw error;
  if (!isOfSystem(error) && !kinds.some((kind) => error instanceof kind)) throw error;
  io.err(error.message);
  return 1;
});
process.exit(code);
