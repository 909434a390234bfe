/** `unanimous doctor`: whether a node can run here, as it would be started. */
import type { Command } from 'commander';
import { coordinatorSettings } from '../../coordinator/config.ts';
import { systemDisk } from '../../log/disk.ts';
import type { Role } from '../../log/store.ts';
import { participantSettings } from '../../participant/config.ts';
import type { Check } from '../doctor/check.ts';
import { CommandError, type Io, type Look } from './io.ts';
import { addSettings } from './nodes.ts';
import { printList, type Listing } from './print.ts';

interface DoctorOptions extends Record<string, string | boolean | undefined> {
  full: boolean;
  json?: true;
}

const looks: Readonly<Record<Check['state'], Look>> = { ok: 'good', warn: 'title', fail: 'bad' };

const listing: Listing<Check> = {
  columns: { texts: ['CHECK', 'STATE'], last: 'FOUND, AND WHAT TO DO' },
  row: ({ name, state, found, advice }) => ({
    cells: [name, state, advice === undefined ? found : `${found}. To do: ${advice}`],
    look: looks[state],
  }),
  none: 'nothing was looked at',
};

const schemas = { coordinator: coordinatorSettings, participant: participantSettings };

/** Adds `doctor coordinator` and `doctor participant`. @param version of this program */
export function addDoctorCommands(program: Command, io: Io, version: string): void {
  const doctor = program
    .command('doctor')
    .description('look at machine, files, store and network as a node would find them');
  for (const role of ['coordinator', 'participant'] as const) {
    const command = doctor
      .command(role)
      .description(`before a ${role} is started, or while it runs: give the same settings`)
      .option('--full', 'prove the whole store, not only what a start reads', false)
      .option('--json', 'print JSON for scripts, a line for each check');
    addSettings(command, schemas[role].properties);
    command.addHelpText(
      'after',
      `
Nothing is changed but for a file without a name, into which forced writes are measured.

Exit code:
  0  nothing has failed; warnings may be worth a look
  1  something has: the node cannot start, or not do its work
  2  the command is wrong

Example:
  unanimous doctor ${role} --data data/${role === 'coordinator' ? role : 'bank-a'} \\
    --keys data/keys.json${role === 'coordinator' ? '' : ' --coordinator http://127.0.0.1:7700'}`,
    );
    command.action((options: DoctorOptions) => run(role, options, version, io));
  }
}

async function run(
  role: Role,
  { full, json, ...flags }: DoctorOptions,
  version: string,
  io: Io,
): Promise<void> {
  // Only now: what reads the settings is a part of the server.
  const { examine } = await import('../doctor/examine.ts');
  const checks = examine({
    ...{ role, schema: schemas[role], flags, env: io.env, full, version },
    disk: systemDisk,
    nodeVersion: process.versions.node,
    isAlive,
  });
  let failed = 0;
  const counted = (async function* () {
    for await (const check of checks) {
      if (check.state === 'fail') failed += 1;
      yield check;
    }
  })();
  await printList(counted, json ? { json } : {}, listing, io);
  if (failed > 0) throw new CommandError(1, `${failed} of these checks failed`);
}

/** A process of another user is one, too. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
