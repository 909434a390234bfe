/** `unanimous up`: a whole cluster on this machine. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { readKeyFile } from '../../http/key-file.ts';
import { sentKeys, type Keys } from '../../http/keys.ts';
import { systemDisk } from '../../log/disk.ts';
import { storeExists, type Role } from '../../log/store.ts';
import { Lab } from '../lab/lab.ts';
import { ApiError, connect, connectParticipant, type LabNode } from '../sdk/index.ts';
import { certificateFiles, loopbackHosts, makeCertificates } from './certificates.ts';
import { introduce } from './introduction.ts';
import { CommandError, type Io } from './io.ts';
import { mainModule } from './main-module.ts';
import { makeStore, writeKeys } from './nodes.ts';
import { openPage } from './open-page.ts';
import { scenarioProgram } from './scenario.ts';
import { SupervisedNode } from './supervisor.ts';
import { trustingFetch } from './trusting-fetch.ts';

interface UpOptions {
  data: string;
  port: number;
  tls: boolean;
  open: boolean;
  verbose: boolean;
}

/** How the nodes are run, and what lets this command in. */
interface Access {
  readonly keys: Keys;
  /** Of the CA, and a fetch that trusts it; absent: without TLS. */
  readonly tls?: { readonly folder: string; readonly ca: string; readonly fetch: typeof fetch };
}

type Bank = Exclude<LabNode['name'], 'coordinator'>;

/** How long the nodes may take to be ready. Milliseconds. */
const readyMs = 60_000;

/** The demo: 1 000.00 USD each. */
const demoAccounts = [
  { participant: 'bank-a', id: 'alice' },
  { participant: 'bank-b', id: 'bob' },
];

export function addUpCommand(program: Command, io: Io): void {
  program
    .command('up')
    .description('run a whole cluster on this machine: a coordinator, bank-a and bank-b')
    .option('--data <folder>', 'where the nodes keep their stores', 'data')
    .option('--port <n>', 'first of four ports; 0 takes free ones', parsePort, 7700)
    .option(
      '--tls',
      'over TLS, with a CA and certificates made in the folder tls of --data; then no lab',
      false,
    )
    .option('--open', 'open the page that shows all this in a browser', false)
    .option('--verbose', 'show all that the nodes log, not only warnings', false)
    .addHelpText('after', upHelp)
    .action((options: UpOptions) => up(options, io));
}

const upHelp = `
The fourth port is the lab's, on 127.0.0.1 only: its page stops, pauses and kills the nodes, delays,
drops, repeats and cuts what they send, makes load, and plays scenarios. Anybody on this machine may
do that, so run what matters by other means.

Example:
  unanimous up --data /tmp/try --port 0`;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_532) return port;
  throw new InvalidArgumentError('It must be 0 to 65532: three more ports follow it.');
}

async function up(options: UpOptions, io: Io): Promise<void> {
  const { data, tls } = options;
  mkdirSync(data, { recursive: true });
  const keyFile = join(data, 'keys.json');
  if (!existsSync(keyFile)) await writeKeys(keyFile);
  const keys = sentKeys(readKeyFile(keyFile));
  const access: Access = { keys, ...(tls && { tls: await certificates(join(data, 'tls')) }) };
  // What is sealed between two nodes can be neither delayed nor repeated on its way.
  const lab = tls ? undefined : new Lab(scenarioProgram(io.env));
  const nodes: SupervisedNode[] = [];
  const failed = new Promise<never>((_, reject) => {
    const make = async ({ name, role, at, more }: Making) => {
      const folder = join(data, name);
      // An init that was cut off is done again; a folder that has lost its store is not touched.
      const isNew = !existsSync(folder) || existsSync(join(folder, 'log'));
      if (isNew && !(await storeExists(folder, systemDisk))) await makeStore(folder, role);
      const level = options.verbose ? 'info' : 'warn';
      const own = access.tls ? tlsFlags(access.tls.folder, name) : [];
      const shared = ['--data', folder, '--keys', keyFile, '--log-level', level];
      const args = [role, ...shared, ...own, ...more];
      const port = portOf(options, at);
      const node = new SupervisedNode({ name, module: mainModule(), args, port }, io, reject);
      nodes.push(node);
      await node.start();
      lab?.add(name, node);
      return node;
    };
    void startAll(make, { access, lab, options, io }).catch(reject);
  });
  try {
    const stopped = io.untilStopped(undefined, () => {
      io.err(`told all nodes to read ${keyFile} again`);
      for (const node of nodes) node.reload();
    });
    await Promise.race([failed, stopped]);
    io.err('stopping all nodes …');
  } finally {
    await lab?.rest();
    await Promise.all(nodes.map((node) => node.stop()));
    lab?.close();
  }
  io.err(`stopped; everything is in ${data}`);
}

/** The port at this place in the row; 0: any. */
const portOf = ({ port }: UpOptions, at: number) => (port === 0 ? 0 : port + at);

/** The certificates of the nodes, made unless they are there; in one step, for a kill may come. */
async function certificates(folder: string): Promise<NonNullable<Access['tls']>> {
  if (!existsSync(folder)) {
    const making = `${folder}.tmp`;
    rmSync(making, { recursive: true, force: true });
    await makeCertificates(making, ['bank-a', 'bank-b'], loopbackHosts);
    renameSync(making, folder);
  }
  const { cert: ca } = certificateFiles(folder, 'ca');
  return { folder, ca, fetch: trustingFetch(ca) };
}

function tlsFlags(folder: string, name: string): string[] {
  const { cert, key } = certificateFiles(folder, name);
  return ['--tls-cert', cert, '--tls-key', key, '--tls-ca', certificateFiles(folder, 'ca').cert];
}

/** A node to be made. */
interface Making {
  name: LabNode['name'];
  role: Role;
  /** Its place in the row of ports. */
  at: number;
  /** Flags besides those that all have. */
  more: string[];
}

interface Starting {
  readonly access: Access;
  readonly lab: Lab | undefined;
  readonly options: UpOptions;
  readonly io: Io;
}

async function startAll(
  make: (making: Making) => Promise<SupervisedNode>,
  { access, lab, options, io }: Starting,
): Promise<void> {
  io.err('starting a coordinator and two participants …');
  await lab?.listen();
  const coordinator = await make({ name: 'coordinator', role: 'coordinator', at: 0, more: [] });
  const join = (name: Bank, at: number) => {
    const there = lab?.link(name, 'coordinator').proxy.address ?? coordinator.address;
    const back = lab && ['--advertise', lab.link('coordinator', name).proxy.address];
    const more = ['--name', name, '--coordinator', there, ...(back ?? [])];
    return make({ name, role: 'participant', at, more });
  };
  const participants = await Promise.all([join('bank-a', 1), join('bank-b', 2)]);
  for (const node of participants) await untilReady(node, coordinator, access);
  await openDemoAccounts(participants, access);
  const log = (line: string) => {
    io.err(`[lab] ${line}`);
  };
  const { client: key } = access.keys;
  const served = await lab?.serve({ port: portOf(options, 3), key, log });
  const page = `${served ?? coordinator.address}/console`;
  const ca = access.tls?.ca;
  introduce(coordinator, participants, io, { data: options.data, ca, page });
  if (options.open) openPage(page, io);
}

/** Waits until a participant can take part, and the coordinator sees it. */
async function untilReady(
  node: SupervisedNode,
  coordinator: SupervisedNode,
  { keys, tls }: Access,
): Promise<void> {
  const end = performance.now() + readyMs;
  const how = { key: keys.client, timeoutMs: 2_000, fetch: tls?.fetch };
  const participant = connectParticipant(node.address, how);
  for (;;) {
    try {
      await participant.ready();
      const { health } = await connect(coordinator.address, how).participant(node.name);
      if (health === 'up') return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    if (performance.now() > end) {
      throw new CommandError(1, `${node.name} was not ready within ${readyMs} ms`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

async function openDemoAccounts(
  participants: SupervisedNode[],
  { keys, tls }: Access,
): Promise<void> {
  for (const { participant, id } of demoAccounts) {
    const node = participants.find(({ name }) => name === participant);
    if (!node) continue;
    const ledger = connectParticipant(node.address, { key: keys.operator, fetch: tls?.fetch });
    try {
      await ledger.openAccount({ id, currency: 'USD', balance: 100_000 });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'account-exists') continue;
      throw new CommandError(1, `${participant} did not open account ${id}: ${error.message}`);
    }
  }
}
