/** `unanimous backup` and `restore`: copies of stores that prove themselves. */
import type { Command } from 'commander';
import { backUp, restore, type Backup, type Ways } from '../../log/backup.ts';
import { systemClock } from '../../log/clock.ts';
import { systemDisk } from '../../log/disk.ts';
import { storeExists, type Role } from '../../log/store.ts';
import { CommandError, type Io } from './io.ts';

/** Adds `backup` and `restore`. */
export function addBackupCommands(program: Command, io: Io): void {
  program
    .command('backup')
    .description('copy the store of a node, running or not, and prove the copy')
    .requiredOption('--data <folder>', 'folder of the store')
    .requiredOption('--to <folder>', 'folder for the copy: a new one, or an empty one')
    .addHelpText(
      'after',
      `
Each backup is its store as of one moment, another one for each node: \`unanimous audit\` proves
it by itself, and several together only if nothing was transferred meanwhile. The file of keys is
no part of a store: keep a copy of it.

Example:
  unanimous backup --data data/bank-b --to /mnt/backup/bank-b-monday`,
    )
    .action(async ({ data, to }: { data: string; to: string }) => {
      if (!(await storeExists(data, systemDisk))) {
        throw new CommandError(1, `${data} holds no store: name the folder of a node`);
      }
      const made = await copy(io, { from: data, to }, (ways) => backUp(ways, systemClock.wall()));
      io.out(`backed up ${describe(made)} to ${to}`);
    });
  program
    .command('restore')
    .description('make a store out of a backup, in a folder that has none')
    .requiredOption('--from <folder>', 'folder of the backup')
    .requiredOption('--data <folder>', 'folder for the store: a new one, or an empty one')
    .addHelpText(
      'after',
      `
What a start on an old copy of a store means is in docs/OPERATIONS.md: read it before you start
a coordinator on one.

Example:
  unanimous restore --from /mnt/backup/bank-b-monday --data data/bank-b`,
    )
    .action(async ({ from, data }: { from: string; data: string }) => {
      const backup = await copy(io, { from, to: data }, restore);
      io.out(`restored ${describe(backup)}, as of ${backup.at}, to ${data}`);
      io.err(next[backup.role]);
    });
}

async function copy(
  io: Io,
  { from, to }: Pick<Ways, 'from' | 'to'>,
  make: (ways: Ways) => Promise<Backup>,
): Promise<Backup> {
  const onSegment = (segment: number, records: number) => {
    io.progress(`${from}: segment ${segment}, ${records} records`);
  };
  return make({ from, to, disk: systemDisk, onSegment })
    .catch((error: unknown) => {
      // Of the system: a disk that is full, or no right to write, for example.
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new CommandError(1, error.message);
    })
    .finally(() => {
      io.progress('');
    });
}

const describe = ({ role, store, epoch, position }: Backup): string =>
  `the ${role} store ${store}, ${position} records, epoch ${epoch},`;

/** What a restored store means, in words: nobody reads a manual at that moment. */
const next: Readonly<Record<Role, string>> = {
  participant: `
What happens next: start the node on this folder, with the settings that it had. If it has done
anything since the backup, the coordinator notices that its log went back: it is quarantined,
caught up by the coordinator, and only then takes part; \`unanimous status\` says when it is ready.
What only this participant knew is lost: accounts that were opened or frozen, and what operators
settled, since the backup. Never start the store again that it replaces.`,
  coordinator: `
Stop, and read this before you start it. A coordinator on an old copy has forgotten what it decided
since the backup, and could decide it again. It stops as soon as a participant shows it what it
lacks, but not before: so stop all participants first, and never start one on a copy if the
newest store can still be had. If nothing was begun since the backup, it is the newest, and may
be started. Otherwise keep this copy to look things up, make a new store with \`unanimous init\`,
and settle what is in doubt by hand: docs/OPERATIONS.md, "The coordinator's store is lost".`,
};
