/** Where the nodes of `unanimous up` have their stores: in folders, or in a PostgreSQL. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemDisk } from '../../log/disk.ts';
import { storeExists, type Role } from '../../log/store.ts';
import type { LabNode } from '../sdk/index.ts';
import type { Io } from './io.ts';
import { postgresModule } from './main-module.ts';
import { makeStore, makeStoresInDatabase } from './nodes.ts';
import { checkReach, findOwner } from './postgres/owner.ts';
import { placesIn, urlOf, userName, type Places } from './postgres/places.ts';
import { serverProcess } from './postgres/process.ts';
import { findPostgres } from './postgres/programs.ts';
import { shellWord } from './shell-word.ts';
import { SupervisedNode, type NodeSpec } from './supervisor.ts';

type Name = LabNode['name'];

/** How a node finds its store. */
export interface Located extends Pick<NodeSpec, 'needs'> {
  readonly args: readonly string[];
  /** It names no other place, whatever is in the one of this process. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Stores {
  /** The processes that serve as the coordinator; a folder can have only one. */
  readonly coordinators: readonly Name[];
  /**
   * What the stores are in is there, when this resolves.
   * @throws {CommandError} if it cannot be had
   */
  start(): Promise<void>;
  /** The store of a node is made, unless it is there. */
  locate(name: Name, role: Role): Promise<Located>;
  /** Once no node runs any more. */
  stop(): Promise<void>;
  /** Where the store of a node is, for people. */
  readonly placeOf: (name: string) => string;
  /** What else runs. */
  readonly server: Introduced | undefined;
  /** How to look at what is in the stores. */
  readonly look: string;
}

/** What people are told of a process. */
interface Introduced extends Pick<SupervisedNode, 'name' | 'address' | 'pid'> {
  readonly place: string;
}

/** One folder for each node. */
export class FolderStores implements Stores {
  readonly coordinators = ['coordinator'] as const;
  readonly server = undefined;
  readonly #data: string;
  readonly #env: Io['env'];

  constructor(data: string, env: Io['env']) {
    this.#data = data;
    this.#env = env;
  }

  async start(): Promise<void> {
    // Folders are there.
  }

  async stop(): Promise<void> {
    // They stay.
  }

  async locate(name: Name, role: Role): Promise<Located> {
    const folder = this.placeOf(name);
    // An init that was cut off is done again; a folder that has lost its store is not touched.
    const isNew = !existsSync(folder) || existsSync(join(folder, 'log'));
    if (isNew && !(await storeExists(folder, systemDisk))) await makeStore(folder, role);
    return { args: ['--data', folder], env: { ...this.#env, UNANIMOUS_STORE: undefined } };
  }

  readonly placeOf = (name: string) => join(this.#data, name);

  get look(): string {
    return `The log: jq . ${join(this.#data, 'coordinator', 'log')}/*.json`;
  }
}

export interface DatabaseOptions {
  readonly data: string;
  /** Shows all that the server says, not only warnings. */
  readonly verbose: boolean;
  readonly io: Io;
  /** The server cannot be started again. */
  readonly onFatal: (error: Error) => void;
}

/** All of them in one database, whose server runs as long as the nodes do. */
export class DatabaseStores implements Stores {
  readonly coordinators = ['coordinator', 'coordinator-2'] as const;
  readonly placeOf = () => 'on PostgreSQL';
  readonly #options: DatabaseOptions;
  readonly #places: Places;
  /** The process that runs the server. */
  readonly #keeper: SupervisedNode;

  constructor(options: DatabaseOptions) {
    const { data, verbose, io, onFatal } = options;
    this.#options = options;
    this.#places = placesIn(data);
    const args = ['--data', data, ...(verbose ? ['--verbose'] : [])];
    const spec = { name: 'postgres', module: postgresModule(), args, port: 0 };
    this.#keeper = new SupervisedNode(spec, io, onFatal);
  }

  async start(): Promise<void> {
    const { data, io } = this.#options;
    const programs = await findPostgres();
    const owner = findOwner((line) => {
      io.err(line);
    });
    checkReach(owner, [data, programs.initdb, programs.postgres]);
    const isNew = !existsSync(this.#places.folder);
    io.err(`starting PostgreSQL${isNew ? ', after making its files' : ''} …`);
    await this.#keeper.start();
    await makeStoresInDatabase(this.#url, [
      { role: 'coordinator', name: 'coordinator' },
      { role: 'participant', name: 'bank-a' },
      { role: 'participant', name: 'bank-b' },
    ]);
  }

  locate(): Promise<Located> {
    const { env: own } = this.#options.io;
    const env = { ...own, UNANIMOUS_DATA: undefined, UNANIMOUS_STORE: this.#url };
    return Promise.resolve({ args: [], env, needs: this.#keeper });
  }

  async stop(): Promise<void> {
    if (this.#keeper.pid !== undefined) this.#options.io.err('stopping PostgreSQL …');
    await this.#keeper.stop();
  }

  get server(): Introduced {
    const { name, address } = this.#keeper;
    const { folder } = this.#places;
    return { name, address, pid: serverProcess(folder), place: this.#shown(folder) };
  }

  get look(): string {
    const password = shellWord(this.#shown(this.#places.password));
    const port = new URL(this.#keeper.address).port;
    const how = `psql -h 127.0.0.1 -p ${port} -U ${userName} ${userName}`;
    return `The tables: PGPASSWORD=$(cat ${password}) ${how}`;
  }

  /** As it was given, not from the root on. */
  #shown(path: string): string {
    return join(this.#options.data, basename(path));
  }

  get #url(): string {
    return urlOf(Number(new URL(this.#keeper.address).port), this.#places);
  }
}
