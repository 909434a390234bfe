/** `unanimous archive`: moves the oldest segments of a store elsewhere. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { systemDisk } from '../../log/disk.ts';
import type { LogRecord } from '../../log/log.ts';
import { moveSegments, type Move, type Moved } from '../../log/move-segments.ts';
import { readIdentity, storeExists } from '../../log/store.ts';
import { CommandError, jsonLine, type Io } from './io.ts';

interface ArchiveOptions {
  data: string;
  /** Milliseconds since 1970. */
  before: number;
  to: string;
  json?: true;
}

/** Adds `archive`. */
export function addArchiveCommand(program: Command, io: Io): void {
  program
    .command('archive')
    .description('move the segments of a store that are older than a date elsewhere')
    .requiredOption('--data <folder>', 'folder of the store')
    .addOption(
      new Option('--before <date>', 'only what is older, such as 2026-01-01 (in UTC)')
        .makeOptionMandatory()
        .argParser(parseDate),
    )
    .requiredOption('--to <folder>', 'folder to move them to, of this store alone')
    .option('--json', 'print JSON for scripts: one document')
    .addHelpText(
      'after',
      `
The node may go on meanwhile. Every record is proved before, and every copy before anything is
removed; if this is broken off, do it again. A segment stays whose records are not all older, that
is not behind a checkpoint, or that has a transfer that has not ended, or whose idempotency key is
still known. What was moved is answered with 410 and the folder; audit reads it there. To undo it,
copy the segments back into log/, and then remove archived.json.

A participant that is restored from a backup needs all decisions since: keep what is younger than
your oldest backup.

Exit code:
  0  all that may be moved is moved, if anything
  1  something is wrong: nothing was removed that is not there
  2  the command is wrong

Example:
  unanimous archive --data data/coordinator --before 2026-01-01 --to /archive/coordinator`,
    )
    .action((options: ArchiveOptions) => run(options, io));
}

/** A date, or an instant with its zone, as RFC 3339 has them. */
function parseDate(text: string): number {
  const ms = Date.parse(text);
  const isExact = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  if (isExact && !Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError('It must be a date such as 2026-01-01, or 2026-01-01T12:00:00Z.');
}

async function run({ data, before, to, json }: ArchiveOptions, io: Io): Promise<void> {
  if (!(await storeExists(data, systemDisk))) throw new CommandError(2, `${data} holds no store`);
  const at = new Date().toISOString();
  const where = { folder: data, to, before, disk: systemDisk, pid: process.pid, at };
  const moved = await move(where).catch((error: unknown) => {
    // Of the system: a full disk, for example.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CommandError(1, error.message);
  });
  if (json) io.out(jsonLine(moved));
  else print(moved, io);
}

/** Each kind of node knows what it still looks for. */
async function move(where: Omit<Move<LogRecord>, 'needs'>): Promise<Moved> {
  const { role } = await readIdentity(where.folder, where.disk);
  if (role === 'coordinator') {
    const { coordinatorNeeds: needs } = await import('../../coordinator/main.ts');
    return moveSegments({ ...where, needs });
  }
  const { participantNeeds: needs } = await import('../../participant/main.ts');
  return moveSegments({ ...where, needs });
}

function print({ part, records, bytes, stays }: Moved, io: Io): void {
  if (part) {
    const { first, last, to } = part;
    const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
    io.out(`moved segments ${first} to ${last} (${records} records, ${size}) to ${to}`, 'good');
  } else io.out('nothing was moved');
  io.err(stays);
}
