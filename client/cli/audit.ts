/** `unanimous audit`: proves from the stores of all nodes that what must hold does hold. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemDisk } from '../../log/disk.ts';
import type { StoredThere } from '../../log/postgres/read.ts';
import { folderSource } from '../../log/read-store.ts';
import { storeExists } from '../../log/store.ts';
import { audit } from '../audit/audit.ts';
import { rules } from '../audit/findings.ts';
import type { Report, StoreSummary, Total } from '../audit/report.ts';
import { money } from './amounts.ts';
import { CommandError, jsonLine, type Io } from './io.ts';
import { printList, type Listing } from './print.ts';
import { oneLine } from './table.ts';

interface AuditCommandOptions {
  archive?: string[];
  json?: true;
}

/** Violations that are shown to people; with `--json`, more are. */
const mostShown = 100;

const stores: Listing<StoreSummary> = {
  columns: { texts: ['NODE', 'STORE'], numbers: ['EPOCH', 'RECORDS'], last: 'PLACE' },
  row: ({ role, name = role, store, epoch, records, folder }) => ({
    cells: [name, store, String(epoch), String(records), folder],
  }),
  none: 'no store could be read',
};

const totals: Listing<Total> = {
  columns: { texts: [], numbers: ['ACCOUNTS', 'OPENED', 'POSTED', 'UNDER WAY', 'DAMAGE'] },
  row: ({ currency, accounts, opened, posted, underWay, damage }) => ({
    cells: [
      String(accounts),
      ...[opened, posted, underWay, damage].map((amount) => money(amount, currency)),
    ],
  }),
  none: 'no accounts',
};

/** Adds `audit`. */
export function addAuditCommand(program: Command, io: Io): void {
  const names = Object.entries(rules).map(([rule, text]) => `  ${rule.padEnd(9)}  ${text}`);
  program
    .command('audit <folder...>')
    .description(
      'prove from the stores of all nodes, running or not, that what must hold does hold',
    )
    .option('--archive <folder...>', 'what archive has moved, if it is not where it was moved to')
    .option('--json', 'print JSON for scripts: one document')
    .addHelpText(
      'after',
      `
Give the folders of all nodes, or one that has them in it, as the data folder of up has, or the
URL of a database that has their stores. They are only read: nothing is locked or changed. What
archive has moved is read where it is now, and proved as one with the rest; of a store of which
that cannot be read, only the chain is proved.

What is proved, by its name in the report:
${names.join('\n')}

Exit code:
  0  nothing is wrong
  1  something is: it is named
  2  the command is wrong

Examples:
  unanimous audit data
  unanimous audit data/coordinator data/bank-a data/bank-b --json
  unanimous audit postgres://bank@db.internal/unanimous data/bank-b`,
    )
    .action((folders: string[], options: AuditCommandOptions) => run(folders, options, io));
}

async function run(
  given: string[],
  { archive = [], json }: AuditCommandOptions,
  io: Io,
): Promise<void> {
  const report = await read(given, archive, io)
    .catch((error: unknown) => {
      // Of the system: no right to read, for example.
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new CommandError(1, error.message);
    })
    .finally(() => {
      io.progress('');
    });
  if (json) io.out(jsonLine(plain(report)));
  else await print(report, io);
  const { violationCount } = report;
  if (violationCount === 0) return;
  throw new CommandError(1, violationCount === 1 ? '1 violation' : `${violationCount} violations`);
}

async function read(
  given: readonly string[],
  archives: readonly string[],
  io: Io,
): Promise<Report> {
  const strange = archives.find((folder) => !existsSync(join(folder, 'archive.json')));
  if (strange !== undefined) throw new CommandError(2, `${strange} is no archive of a store`);
  const folders = new Set<string>();
  const databases: StoredThere[] = [];
  try {
    for (const place of new Set(given)) {
      if (isDatabase(place)) databases.push(await openDatabase(place));
      else for (const folder of await storesIn(place)) folders.add(folder);
    }
    return await audit({
      sources: [
        ...[...folders].map((folder) => folderSource(folder, systemDisk, archives)),
        ...databases.flatMap(({ sources }) => sources),
      ],
      money,
      onProgress: (place, segment, records) => {
        io.progress(`${place}: segment ${segment}, ${records} records`);
      },
    });
  } finally {
    for (const database of databases) await database.close();
  }
}

const isDatabase = (place: string) => /^postgres(ql)?:\/\//.test(place);

/** The driver is loaded by those who need it. */
const openDatabase = async (url: string): Promise<StoredThere> =>
  (await import('../../log/postgres/read.ts')).storesIn(url);

/** The folder itself if it holds a store, or those in it that do. */
async function storesIn(folder: string): Promise<string[]> {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder && (await storeExists(folder, systemDisk))) return [folder];
  const inside = isFolder ? readdirSync(folder) : [];
  const found = inside
    .map((name) => join(folder, name))
    .filter((one) => existsSync(join(one, 'node.json')) || existsSync(join(one, 'log')))
    .sort();
  if (found.length > 0) return found;
  throw new CommandError(2, `${folder} holds no store, and no folder in it does`);
}

async function print(report: Report, io: Io): Promise<void> {
  const { transfers, damage, notices, notChecked, violations, violationCount } = report;
  await printList(report.stores, {}, stores, io);
  io.out('');
  await printList(report.totals, {}, totals, io);
  const { committed, aborted, undecided } = transfers;
  io.out(`\ntransfers: ${committed} committed, ${aborted} aborted, ${undecided} not decided yet`);
  for (const { participant, transferId, account, currency, amount, state } of damage) {
    const what = `${money(amount, currency)} have to be added to ${participant}/${account}`;
    io.out(`damage (${state}): ${what}, as ${transferId} was resolved by hand`);
  }
  for (const notice of notices) io.out(oneLine(`notice: ${notice}`));
  for (const what of notChecked) io.out(oneLine(`not checked: ${what}`));
  for (const { rule, text } of violations.slice(0, mostShown)) {
    io.out(oneLine(`VIOLATION (${rule}): ${text}`), 'bad');
  }
  if (violationCount > mostShown) io.out(`and ${violationCount - mostShown} more`, 'bad');
  if (violationCount > 0) return;
  const scope = notChecked.length === 0 ? 'everything that must hold' : 'what could be checked';
  io.out(`${scope} holds`, 'good');
}

/** Amounts as JSON has them. */
const plain = (report: Report) => ({
  ...report,
  totals: report.totals.map(({ currency, accounts, opened, posted, underWay, damage }) => ({
    currency,
    accounts,
    opened: Number(opened),
    posted: Number(posted),
    underWay: Number(underWay),
    damage: Number(damage),
  })),
});
