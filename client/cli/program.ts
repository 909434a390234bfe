import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { KeysError } from '../../http/keys.ts';
import { SettingsError } from '../../http/settings-error.ts';
import { AwayError } from '../../log/store-error.ts';
import { StoreError } from '../../log/store.ts';
import { ApiError } from '../sdk/index.ts';
import { addArchiveCommand } from './archive.ts';
import { addAuditCommand } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { exitCodes, sentenceOf } from './client-command.ts';
import { addClientCommands } from './commands.ts';
import { addCompletionCommands } from './completion.ts';
import { addDatabaseCommands } from './database.ts';
import { addDoctorCommands } from './doctor.ts';
import { CommandError, type Io, type Look } from './io.ts';
import { addNodeCommands } from './nodes.ts';
import { addScenarioCommands } from './scenario.ts';
import { addShellCommand } from './shell.ts';
import { oneLine } from './table.ts';
import { addUpCommand } from './up.ts';

/**
 * Runs one command line and gives its exit code: 0 it happened, 1 it did not happen, 2 wrong
 * usage, 3 not known yet.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const program = programFor(io);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return explain(error, io, args.includes('--json') ? 'plain' : 'bad');
  }
}

/** All commands, with their options. */
export function programFor(io: Io): Command {
  const ownVersion = version(dirname(fileURLToPath(import.meta.url)));
  const program = new Command('unanimous')
    .description('Atomic transfers over HTTP: everyone commits, or no one does.')
    .version(ownVersion)
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      writeOut: (text) => {
        io.out(text.trimEnd());
      },
      writeErr: (text) => {
        io.err(text.trimEnd());
      },
      // With the nearest name, if there is one, on the same line.
      outputError: (text, write) => {
        write(oneLine(text));
      },
    })
    .exitOverride();
  addUpCommand(program, io);
  addNodeCommands(program, io);
  addClientCommands(program, io);
  addScenarioCommands(program, io);
  addAuditCommand(program, io);
  addArchiveCommand(program, io);
  addBackupCommands(program, io);
  addDatabaseCommands(program, io);
  addDoctorCommands(program, io, ownVersion);
  addCompletionCommands(program, io);
  addShellCommand(program, io, runCli);
  return program.addHelpText('after', `\n${exitCodes}\n\nStart here:\n  unanimous up`);
}

function explain(error: unknown, io: Io, look: Look): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandError) {
    io.err(error.message, look);
    return error.exitCode;
  }
  if (error instanceof ApiError) {
    io.err(sentenceOf(error), look);
    return 1;
  }
  const expected = [StoreError, AwayError, SettingsError, KeysError];
  if (!(error instanceof Error) || !expected.some((kind) => error instanceof kind)) throw error;
  io.err(error.message, look);
  return 1;
}

/** The version of the package that this file is part of, built or not. */
function version(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const named = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    if (named) return String(manifest.version);
  } catch (error) {
    if (folder === dirname(folder)) throw error;
  }
  return version(dirname(folder));
}
