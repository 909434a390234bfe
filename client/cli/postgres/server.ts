import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { systemDisk } from '../../../log/disk.ts';
import { Database } from '../../../log/postgres/database.ts';
import { AwayError } from '../../../log/store-error.ts';
import { CommandError } from '../io.ts';
import { endOrphan } from './process.ts';
import type { Owner } from './owner.ts';
import { keepPassword, urlOf, userName, type Places } from './places.ts';
import type { PostgresPrograms } from './programs.ts';

export interface ServerOptions {
  readonly places: Places;
  readonly programs: PostgresPrograms;
  readonly owner: Owner;
  /** 0 takes a free one. */
  readonly port: number;
  /** Gets what the server says, a line. */
  readonly say: (line: string) => void;
}

const limits = {
  /** Between two looks at a server that starts, or is used. Milliseconds. */
  lookMs: 50,
  /** How often it is started while what a killed one has left is in the way, and another port. */
  starts: 50,
  /** Between these. Milliseconds. */
  againMs: 200,
  /** Until one that runs answers: whoever has started this process waits a minute. Milliseconds. */
  answerMs: 45_000,
  /** Until a server that was told to stop is stopped without more ado. Milliseconds. */
  stopMs: 8_000,
  /** How long nodes may use it after whoever has started all of this is gone. Milliseconds. */
  usedMs: 15_000,
  /** Of what it has said last: why it does not start. Lines. */
  lines: 4,
};

/** What is over in a moment: the children of a killed server see that it is gone, and end. */
const passing = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;

/** What it says at every start and end. */
const usual = /LOG: {2}(?:starting|listening|database system (?:is|was) shut down)/;

/** A line without time and process. */
const bare = (line: string) => line.replace(/^[-\d]+ [.:\d]+ \S+ \[\d+\] /, '');

/** A server of PostgreSQL as a child of this process, with its durability as it is by itself. */
export class PostgresServer {
  readonly #options: ServerOptions;
  /** What runs, first to make the files, then as the server. */
  #child: ChildProcess | undefined;
  /** It has ended, or could not even begin. */
  #childEnded: Promise<void> = Promise.resolve();
  #last: string[] = [];
  #port: number;
  #isStopping = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Without user and password. */
  get address(): string {
    return `postgres://127.0.0.1:${this.#port}/${userName}`;
  }

  /** How a server that runs has ended. */
  async ended(): Promise<string> {
    await this.#childEnded;
    const { signalCode, exitCode } = this.#child ?? {};
    return signalCode ?? `exit code ${exitCode ?? 'unknown'}`;
  }

  /**
   * Makes the files unless they are there, starts the server on them, and resolves when it answers
   * and has its database.
   * @throws {CommandError} with what it said, if it does not
   */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      // One that runs, but cannot be used, is not left behind.
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { places } = this.#options;
    await this.#makeFiles();
    await endOrphan(places.folder);
    for (let tries = 1; !(await this.#tryStart()); tries += 1) {
      const why = this.#last.join(' ');
      if (tries === limits.starts || !passing.test(why)) throw new CommandError(1, why);
      await wait(limits.againMs);
    }
    const server = this.#database('postgres');
    try {
      const known = await server.query('SELECT FROM pg_database WHERE datname = $1', [userName]);
      if (known.length === 0) await server.query(`CREATE DATABASE ${userName}`);
    } finally {
      await server.close();
    }
  }

  /** Resolves when no node has a connection, or after a while. */
  async untilUnused(): Promise<void> {
    const database = this.#database('postgres');
    const end = performance.now() + limits.usedMs;
    const others = `SELECT FROM pg_stat_activity
      WHERE application_name = $1 AND pid <> pg_backend_pid()`;
    try {
      while (performance.now() < end) {
        if ((await database.query(others, ['unanimous'])).length === 0) return;
        await wait(limits.lookMs);
      }
    } catch (error) {
      // It has gone by itself.
      if (!(error instanceof AwayError)) throw error;
    } finally {
      await database.close();
    }
  }

  /** Stops what runs, whatever it does: connections end, and everything is on the disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    child?.kill('SIGINT');
    const timer = setTimeout(() => child?.kill('SIGQUIT'), limits.stopMs);
    await this.#childEnded;
    clearTimeout(timer);
  }

  #database(name: string): Database {
    return new Database(urlOf(this.#port, this.#options.places, name));
  }

  /** In one step, for a kill may come. */
  async #makeFiles(): Promise<void> {
    const { places, programs, owner } = this.#options;
    const { folder, password } = places;
    if (existsSync(folder)) return;
    keepPassword(places, owner);
    const making = `${folder}.tmp`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { mode: 0o700 });
    if (owner.uid !== undefined && owner.gid !== undefined) {
      chownSync(making, owner.uid, owner.gid);
    }
    const child = this.#spawn(programs.initdb, [
      ...[`--pgdata=${making}`, `--username=${userName}`, `--pwfile=${password}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    ]);
    await this.#childEnded;
    if (child.exitCode !== 0) throw new CommandError(1, this.#last.join(' '));
    renameSync(making, folder);
    await systemDisk.syncFolder(dirname(folder));
  }

  /** Whether it answers; else it has ended, and said why. */
  async #tryStart(): Promise<boolean> {
    const { port, places, programs } = this.#options;
    this.#port = port || (await freePort());
    const child = this.#spawn(programs.postgres, [
      ...['-D', places.folder, '-p', String(this.#port)],
      // No socket in a folder that all may write to: whoever comes needs the password.
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ]);
    const database = this.#database('postgres');
    const end = performance.now() + limits.answerMs;
    try {
      while (isRunning(child)) {
        const why = await whyNoAnswer(database);
        if (why === undefined) return true;
        if (performance.now() > end) throw new CommandError(1, why);
        await wait(limits.lookMs);
      }
      await this.#childEnded;
      return false;
    } finally {
      await database.close();
    }
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    if (this.#isStopping) throw new CommandError(1, 'PostgreSQL was stopped as it started');
    const { owner, places, say } = this.#options;
    this.#last = [];
    const child = spawn(program, args, {
      ...owner,
      cwd: dirname(places.folder),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#childEnded = new Promise((resolve) => {
      child.once('close', resolve);
      child.once('error', ({ message }) => {
        this.#last.push(message);
        resolve();
      });
    });
    createInterface(child.stderr).on('line', (line) => {
      if (!usual.test(line)) this.#last = [...this.#last.slice(1 - limits.lines), bare(line)];
      say(line);
    });
    this.#child = child;
    return child;
  }
}

/** @throws {StoreError} if it refuses, and would again */
async function whyNoAnswer(database: Database): Promise<string | undefined> {
  try {
    await database.query('SELECT 1');
    return undefined;
  } catch (error) {
    if (error instanceof AwayError) return error.message;
    throw error;
  }
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess) =>
  pid !== undefined && exitCode === null && signalCode === null;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('a server has an address');
  await new Promise((resolve) => server.close(resolve));
  return bound.port;
}
