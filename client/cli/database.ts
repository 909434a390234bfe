/** The commands of an operator for stores in PostgreSQL: `migrate` and `confirm-failover`. */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { systemClock } from '../../log/clock.ts';
import { systemDisk } from '../../log/disk.ts';
import type { LogRecord } from '../../log/log.ts';
import type { StoreSource } from '../../log/read-store.ts';
import type { Key } from '../../log/segment-table.ts';
import { readIdentity, storeExists } from '../../log/store.ts';
import { audit } from '../audit/audit.ts';
import { money } from './amounts.ts';
import { CommandError, type Io } from './io.ts';

interface MigrateOptions {
  from: string;
  to?: string;
  name?: string;
  archive?: string[];
}

/** Adds `migrate` and `confirm-failover`. */
export function addDatabaseCommands(program: Command, io: Io): void {
  program
    .command('migrate')
    .description('move the store of a node that is stopped from a folder into PostgreSQL')
    .requiredOption('--from <folder>', 'folder of the store')
    .option('--to <url>', 'the database; its tables are made if there are none (UNANIMOUS_STORE)')
    .option('--name <name>', 'the name of a participant that has never registered')
    .option('--archive <folder...>', 'what archive has moved, if it is not where it was moved to')
    .addHelpText(
      'after',
      `
Every record keeps its place. When all of them are there, both stores are audited, and must say the
same; only then the folder is given up: no node starts on it any more, and the new store can be
used. If this is broken off, do it again: it goes on where it was. The folder is not removed.

Start the node as before, with --store instead of --data, and a participant with its --name.

Exit code:
  0  the store is in the database
  1  it is not, and the folder can be used as before (unless it says otherwise)
  2  the command is wrong

Example:
  unanimous migrate --from data/bank-b --to postgres://bank@db.internal/unanimous`,
    )
    .action((options: MigrateOptions) => run(options, io));
  program
    .command('confirm-failover')
    .description('let nodes go on after their database has failed over, or was restored')
    .option('--store <url>', 'the database (UNANIMOUS_STORE)')
    .addHelpText(
      'after',
      `
A node that finds its store on another server than before does not start: records that were
acknowledged may be lost. When you have looked (docs/SCALING.md, "Records may be lost"), this says
that its stores may go on with what is there. No id of a transfer is used again.

Example:
  unanimous confirm-failover --store postgres://bank@db.internal/unanimous`,
    )
    .action((options: { store?: string }) => confirm(options, io));
}

async function confirm({ store }: { store?: string }, io: Io): Promise<void> {
  const url = store ?? io.env['UNANIMOUS_STORE'];
  if (url === undefined) throw new CommandError(2, '--store (or UNANIMOUS_STORE) is missing');
  const { confirmFailover } = await import('../../log/postgres/store.ts');
  const confirmed = await confirmFailover(url);
  for (const { role, name, store: id, sequence } of confirmed) {
    const who = role === 'coordinator' ? role : `${role} ${name}`;
    io.out(`the ${who} may go on: the store ${id}, with the ${sequence} records that are there`);
  }
  if (confirmed.length === 0) io.out('nothing to confirm: every store is where it was');
}

async function run({ from, to, name, archive = [] }: MigrateOptions, io: Io): Promise<void> {
  const url = to ?? io.env['UNANIMOUS_STORE'];
  if (url === undefined) throw new CommandError(2, '--to (or UNANIMOUS_STORE) is missing');
  if (!(await storeExists(from, systemDisk))) throw new CommandError(2, `${from} holds no store`);
  const { moveStore } = await import('../../log/postgres/move-store.ts');
  const moved = await moveStore({
    ...{ folder: from, archives: archive, disk: systemDisk, pid: process.pid },
    ...{ clock: systemClock, url, name, keyOf: await keyOfNode(from) },
    nameIn: ({ type, name: said }: MaybeNamed) => (type === 'named' ? said : undefined),
    prove: (before, after) => prove(before, after, io),
    onWaiting: (text) => {
      io.err(text);
    },
    onSegment: (segment, records) => {
      io.progress(`${from}: segment ${segment}, ${records} records`);
    },
  })
    .catch((error: unknown) => {
      // Of the system: no right to read, for example.
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new CommandError(1, error.message);
    })
    .finally(() => {
      io.progress('');
    });
  const { store, records, to: place } = moved;
  io.out(`moved the store ${store}, ${records} records, to the ${place}`, 'good');
  const named = moved.role === 'participant' ? ` --name ${moved.name}` : '';
  io.err(`start it with: unanimous ${moved.role} --store URL${named} … (without --data)`);
}

/** What says under which name a participant is registered. */
interface MaybeNamed extends LogRecord {
  readonly name?: string;
}

/** Each kind of node finds its records by its own keys. */
async function keyOfNode(folder: string): Promise<(record: never) => Key | undefined> {
  const { role } = await readIdentity(folder, systemDisk);
  if (role === 'coordinator') return (await import('../../coordinator/main.ts')).keyOf;
  return (await import('../../participant/main.ts')).keyOf;
}

/** @throws {CommandError} unless both are in order, and say the same */
async function prove(before: StoreSource, after: StoreSource, io: Io): Promise<void> {
  const reports = [];
  for (const source of [before, after]) {
    const onProgress = (place: string, segment: number, records: number) => {
      io.progress(`proving ${place}: segment ${segment}, ${records} records`);
    };
    const report = await audit({ sources: [source], money, onProgress });
    const [violation] = report.violations;
    if (violation) {
      throw new CommandError(1, `nothing was moved: ${violation.text} (unanimous audit says all)`);
    }
    reports.push(report);
  }
  const [old, made] = reports.map(({ transfers, totals, damage, stores }) => {
    return { transfers, totals, damage, records: stores.map(({ records }) => records) };
  });
  if (isDeepStrictEqual(old, made)) return;
  throw new CommandError(1, 'nothing was moved: the two stores do not say the same');
}
