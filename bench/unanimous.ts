import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeProcess } from '../client/scenarios/node-process.ts';
import { until, type Patience } from '../client/scenarios/until.ts';
import { connect, connectParticipant } from '../client/sdk/index.ts';
import { makeKeys, type Keys } from '../http/keys.ts';
import { systemDisk } from '../log/disk.ts';
import { initPostgresStore } from '../log/postgres/store.ts';
import { initStore, type Role } from '../log/store.ts';
import { plainEnv, program } from '../test/fixtures/cluster.ts';
import { accountIds, balance, type Contender } from './contender.ts';
import { sizeOf } from './machine.ts';

const observer = fileURLToPath(new URL('observe.js', import.meta.url));

/** Processes of the built program with the settings that it has by itself. */
export class Deployment {
  readonly keys: Keys = makeKeys();
  readonly nodes: NodeProcess[] = [];
  readonly #folder: string;
  readonly #database: string | undefined;

  private constructor(folder: string, database: string | undefined) {
    this.#folder = folder;
    this.#database = database;
    writeFileSync(this.#keyFile, JSON.stringify(this.keys), { mode: 0o600 });
  }

  /**
   * Starts a coordinator and these participants, each with its accounts, in an empty folder.
   * @param own settings of the coordinator
   * @param database its URL, if all stores are to be there
   */
  static async start(
    folder: string,
    participants: readonly string[],
    own: readonly string[] = [],
    database?: string,
  ): Promise<Deployment> {
    const deployment = new Deployment(folder, database);
    try {
      const { address } = await deployment.#start('coordinator', 'coordinator', ...own);
      for (const name of participants) {
        const flags = ['--name', name, '--coordinator', address];
        const node = await deployment.#start(name, 'participant', ...flags);
        await deployment.#openAccounts(node);
      }
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  /** Starts another process of the coordinator, on the same database. @returns its address */
  async join(name: string): Promise<string> {
    const node = this.#processOf(name, 'coordinator', this.folderOf({ name }), []);
    this.nodes.push(node);
    await node.start('--port', '0');
    return node.address;
  }

  get coordinator(): string {
    return this.nodes[0]?.address ?? '';
  }

  get #keyFile(): string {
    return join(this.#folder, 'keys.json');
  }

  /** The store of a node. */
  folderOf({ name }: Pick<NodeProcess, 'name'>): string {
    return join(this.#folder, name);
  }

  /** Another process on a store of the same role, which neither gets nor gives anything. */
  alone({ name }: NodeProcess, folder: string): NodeProcess {
    const role = name === 'coordinator' ? 'coordinator' : 'participant';
    // Nobody listens at port 1.
    const flags = role === 'coordinator' ? [] : ['--coordinator', 'http://127.0.0.1:1'];
    return this.#processOf(`another ${name}`, role, folder, flags);
  }

  /** The sum of all balances. */
  async total(): Promise<number> {
    const client = connect(this.coordinator);
    const { totals } = await until('a snapshot', () => client.snapshot().catch(() => undefined));
    return totals[0]?.posted ?? NaN;
  }

  /** Waits until every participant has heard every decision. */
  async settled(patience?: Patience): Promise<void> {
    const participants = this.nodes.filter(({ name }) => !name.startsWith('coordinator'));
    for (const { name, address } of participants) {
      await until(`${name} is in doubt about nothing`, () => isSettled(address), patience);
    }
  }

  /** Forced writes of all nodes until now, or until a tenth of a second ago. */
  forces(): number {
    return this.nodes.reduce((sum, node) => {
      return sum + Number(readFileSync(`${this.folderOf(node)}.forces`, 'utf8'));
    }, 0);
  }

  /** What a second SIGUSR2 has let a node write; undefined until it is there. */
  profileOf(name: string): Profiler.Profile | undefined {
    const file = `${this.folderOf({ name })}.cpuprofile`;
    if (!existsSync(file)) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  }

  async stop(): Promise<void> {
    const running = this.nodes.filter((node) => node.isRunning);
    await Promise.all(running.map((node) => node.end('SIGTERM')));
  }

  async #start(name: string, role: Role, ...flags: string[]): Promise<NodeProcess> {
    const folder = this.folderOf({ name });
    const store = `${name.replaceAll('-', '')}00000000`.slice(0, 8);
    const url = this.#database;
    if (url === undefined) await initStore({ folder, role, store, disk: systemDisk });
    else await initPostgresStore({ url, role, name, store });
    const node = this.#processOf(name, role, folder, flags);
    this.nodes.push(node);
    await node.start('--port', '0');
    return node;
  }

  #processOf(name: string, role: Role, folder: string, flags: readonly string[]): NodeProcess {
    const place = this.#database === undefined ? ['--data', folder] : ['--store', this.#database];
    const common = [...place, '--keys', this.#keyFile, '--log-level', 'error'];
    const env = { ...plainEnv, OBSERVED: folder };
    const options = { module: program, env, execArgv: ['--import', observer] };
    return new NodeProcess(name, options, [role, ...common, ...flags], (line) => {
      process.stderr.write(`${name}: ${line}\n`);
    });
  }

  async #openAccounts({ name, address }: NodeProcess): Promise<void> {
    const client = connectParticipant(address, { key: this.keys.operator });
    await until(`${name} is ready`, () =>
      client.ready().then(
        () => true,
        () => false,
      ),
    );
    await Promise.all(
      accountIds.map((id) => client.openAccount({ id, currency: 'USD', balance, minimum: 0 })),
    );
  }
}

/** Whether a participant is in doubt about nothing. */
export async function isSettled(address: string): Promise<boolean> {
  const prepared = connectParticipant(address).branches({ state: 'prepared' });
  for await (const branch of prepared) return branch.state !== 'prepared';
  return true;
}

/** Three processes, two banks. */
export async function startUnanimous(place: string): Promise<Contender> {
  const folder = join(place, 'unanimous');
  mkdirSync(folder);
  const deployment = await Deployment.start(folder, ['bank-a', 'bank-b']);
  return {
    url: `${deployment.coordinator}/transfers`,
    pids: deployment.nodes.map(({ pid = 0 }) => pid),
    forces: () => Promise.resolve(deployment.forces()),
    written: () => Promise.resolve(sizeOf(folder)),
    total: () => deployment.total(),
    stop: () => deployment.stop(),
  };
}
