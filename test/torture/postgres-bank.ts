/** A bank on one PostgreSQL: several coordinators, and two processes for each participant. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../../client/scenarios/node-process.ts';
import { until, type Patience } from '../../client/scenarios/until.ts';
import { makeKeys } from '../../http/keys.ts';
import { storesIn, type StoredThere } from '../../log/postgres/read.ts';
import { initPostgresStore } from '../../log/postgres/store.ts';
import { call } from '../fixtures/cluster.ts';
import { startPostgres, type Postgres } from '../fixtures/postgres.ts';
import { ReplicatedNode, type Replica } from '../fixtures/replicas.ts';
import { participants } from './bank.ts';
import type { Happening } from './history.ts';
import { LeaderLog } from './leader-log.ts';
import { databaseAttacks, replicaAttacks } from './postgres-attacks.ts';
import type { Watched } from './takeover.ts';
import { boundTo, type Attacks, type Tormented } from './tormented.ts';

export interface PostgresBankOptions {
  /** For the keys, the database, and what processes say. The user of the database may read it. */
  readonly folder: string;
  readonly program: Program;
  /** How many coordinators there are. */
  readonly coordinators: number;
}

/** One process, and what people call it. */
export interface Member {
  readonly name: string;
  readonly replica: Replica;
}

/** Processes of each participant. */
const copies = 2;

/** Until a process listens, on a busy machine. Milliseconds. */
const startMs = 60_000;

/** What a service manager waits before it starts again what has ended. Milliseconds. */
const restartMs = 200;

export class PostgresBank implements Tormented, Watched {
  readonly attacks: Attacks = {
    groups: [boundTo(this, replicaAttacks), boundTo(this, databaseAttacks)],
    // How long a takeover takes is measured with no other fault.
    alone: ['kill coordinator', 'pause coordinator'],
  };
  readonly waiting = new Set<string>();
  readonly #options: PostgresBankOptions;
  readonly #keys = makeKeys();
  #nodes: readonly ReplicatedNode[] = [];
  #database: Postgres | undefined;
  #log: LeaderLog | undefined;
  #stored: StoredThere | undefined;
  readonly #news: Happening[] = [];
  #dead: string | undefined;
  readonly #over = new AbortController();

  constructor(options: PostgresBankOptions) {
    this.#options = options;
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get operatorKey(): string {
    return this.#keys.operator;
  }

  get coordinators(): readonly ReplicatedNode[] {
    return this.#nodes.slice(0, this.#options.coordinators);
  }

  get banks(): readonly ReplicatedNode[] {
    return this.#nodes.slice(this.#options.coordinators);
  }

  get entrances(): string[] {
    return this.coordinators.map(({ proxy }) => proxy.address);
  }

  get participants() {
    return this.banks.map(({ name, active }) => ({ name, address: active?.address ?? '' }));
  }

  get audited(): string[] {
    return [this.database.url];
  }

  /** @throws {Error} before `start` */
  get database(): Postgres {
    if (!this.#database) throw new Error('broken invariant: the database was started');
    return this.#database;
  }

  /** @throws {Error} before `start` */
  get log(): LeaderLog {
    if (!this.#log) throw new Error('broken invariant: the bank was started');
    return this.#log;
  }

  get members(): Member[] {
    return this.#nodes.flatMap(({ name, replicas }) =>
      replicas.map((replica, n) => ({
        replica,
        name: replicas.length === 1 ? name : `${name}-${n + 1}`,
      })),
    );
  }

  async start(patience: Patience): Promise<void> {
    const { folder, program } = this.#options;
    this.#database = await startPostgres(join(folder, 'postgres'));
    const { url } = this.database;
    this.#log = new LeaderLog(url);
    await initPostgresStore({ url, role: 'coordinator', name: 'coordinator', store: 'k3f9q2ma' });
    for (const [index, name] of participants.entries()) {
      await initPostgresStore({ url, role: 'participant', name, store: `bank000${index}` });
    }
    const keyFile = join(folder, 'keys.json');
    writeFileSync(keyFile, JSON.stringify(this.#keys), { mode: 0o600 });
    const common = [
      ...['--store', url, '--keys', keyFile, '--port', '0'],
      ...['--log-level', 'warn', '--max-backoff-ms', '250'],
    ];
    for (let n = 1; n <= this.#options.coordinators; n += 1) {
      const flags = [...common, ...coordinatorFlags];
      await this.#add(
        new ReplicatedNode(`coordinator-${n}`, 1, ['coordinator', ...flags], program),
      );
    }
    const known = ['--coordinator', this.entrances.join()];
    for (const name of participants) {
      const flags = [...common, ...participantFlags, ...known, '--name', name];
      await this.#add(new ReplicatedNode(name, copies, ['participant', ...flags], program));
    }
    await this.ready(patience);
  }

  async ready(patience: Patience): Promise<void> {
    for (const { name, replica } of this.members) {
      await until(`${name} runs`, () => replica.isRunning, patience);
    }
    for (const entrance of this.entrances) {
      const look = async () => {
        const answer = await call('GET', `${entrance}/participants`).catch(() => undefined);
        if (answer?.status !== 200) return false;
        // Of one to which it has sent nothing yet, a coordinator that took over knows nothing.
        const isThere = ({ health }: { health: string }) => health !== 'down';
        return answer.body.data.filter(isThere).length === participants.length;
      };
      await until(`all have registered at ${entrance}`, look, patience);
    }
    for (const node of this.banks) await until(`${node.name} works`, () => node.active, patience);
  }

  see(happening: Happening): void {
    if (happening.type === 'transfer') this.waiting.add(happening.key);
    const isAnswer = happening.type === 'told' || happening.type === 'turned away';
    if (isAnswer) this.waiting.delete(happening.key);
  }

  news(): Happening[] {
    return this.#news.splice(0);
  }

  dead(): string | undefined {
    return this.#dead;
  }

  /** The coordinator that leads, or did when that was last known, if it runs. */
  async leader(): Promise<Member | undefined> {
    const leads = await this.log.address();
    return this.members.find(({ replica: { address } }) => address !== '' && address === leads);
  }

  async *stop() {
    this.#over.abort();
    for (const { name, replica } of this.members) {
      yield { node: name, code: await replica.end('SIGTERM') };
    }
  }

  async stores() {
    this.#stored ??= await storesIn(this.database.url);
    return this.#stored.sources.flatMap((source) => {
      const participant = /^participant (\S+)/.exec(source.place)?.[1];
      return participant === undefined ? [] : [{ participant, source }];
    });
  }

  async kill(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#nodes.map((node) => node.kill()));
    // One that stands still would let the others wait.
    await this.#database?.kill();
    await this.#stored?.close();
    this.#stored = undefined;
    await this.#log?.close();
    this.#log = undefined;
  }

  /** Starts all processes of a node, and again whenever one has ended with another code than 0. */
  async #add(node: ReplicatedNode): Promise<void> {
    this.#nodes = [...this.#nodes, node];
    await node.proxy.listen();
    for (const { name, replica } of this.members.slice(-node.replicas.length)) {
      replica.onEnd = (code) => {
        this.#restart({ name, replica }, code);
      };
      replica.onLine = (line) => {
        appendFileSync(join(this.#options.folder, `${name}.stderr`), `${line}\n`);
        if (isAlarm(line)) this.#news.push({ type: 'alarm', node: name, line });
      };
      replica.start();
    }
    await until(`${node.name} listens`, () => node.active, { ms: startMs });
  }

  #restart({ name, replica }: Member, code: number | null): void {
    if (this.over.aborted) return;
    if (code === null || code === 0) {
      this.#dead = name;
      return;
    }
    const said = replica.said.at(-1) ?? 'it said nothing';
    this.#news.push({ type: 'restarted', node: name, code, said });
    setTimeout(() => {
      if (!this.over.aborted && !replica.isRunning) replica.start();
    }, restartMs);
  }
}

/** No alarm is what a person need not look at here: the faults explain it. */
const isAlarm = (line: string) =>
  /^\{"level":[56]0/.test(line) && !explained.some((text) => line.includes(text));

const explained = [
  // A request that reads old records hears 500 while the database is away.
  'cannot use the database',
  // A coordinator that was paused sends until it hears that another one leads.
  '"status":409,"code":"stale-epoch"',
];

/** Nodes that give up soon, but for their leases: those are as they are without a flag. */
const coordinatorFlags = [
  ...['--vote-timeout-ms', '1000', '--vote-grace-ms', '2000', '--delivery-timeout-ms', '1500'],
  ...['--snapshot-timeout-ms', '2000', '--probe-ms', '50'],
];
const participantFlags = [
  ...['--inquiry-timeout-ms', '1000', '--heartbeat-ms', '2000', '--register-backoff-ms', '100'],
];
