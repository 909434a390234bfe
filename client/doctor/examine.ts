/** Everything that `unanimous doctor` looks at, in the order in which it is worth to be read. */
import { readFile } from 'node:fs/promises';
import { KeysError } from '../../http/keys.ts';
import type { NodeSettings } from '../../http/node-settings.ts';
import { readNodeSettings, type NodeOptions } from '../../http/node.ts';
import { SettingsError } from '../../http/settings-error.ts';
import { readSettings, type SettingsSchema } from '../../http/settings.ts';
import type { Disk } from '../../log/disk.ts';
import type { Role } from '../../log/store.ts';
import type { Trust } from './ask.ts';
import { fail, ok, type Check } from './check.ts';
import { checkDatabase } from './database.ts';
import { checkDisk } from './disk.ts';
import { checkCertificate, checkSecret } from './files.ts';
import { checkClock, checkNode, checkOpenFiles, openFilesLimit, type Moment } from './host.ts';
import { checkCoordinators, checkParticipants, checkPort } from './network.ts';
import { checkStore, type StoreAnswer } from './store.ts';

/** What a node would be started with, and what this process knows of its machine. */
export interface Patient extends Pick<NodeOptions, 'flags' | 'env'> {
  readonly role: Role;
  readonly schema: SettingsSchema<NodeSettings>;
  readonly full: boolean;
  readonly disk: Disk;
  /** Of this program. */
  readonly version: string;
  readonly nodeVersion: string;
  readonly isAlive: (pid: number) => boolean;
}

const moment = (): Moment => ({ wall: Date.now(), monotonic: performance.now() });

/** Looks at everything, one after the other; what depends on wrong settings is left out. */
export async function* examine(patient: Patient): AsyncGenerator<Check> {
  const first = moment();
  yield checkNode(patient.nodeVersion);
  const read = readSettings(patient.schema, patient.flags, patient.env);
  if ('errors' in read) {
    for (const error of read.errors)
      yield fail('settings', error, 'mend it: --help has the ranges');
  } else {
    yield checkSettings(patient);
    yield* checkNodeWith(read.settings, patient);
  }
  yield checkClock(first, moment());
}

/** What the node itself would say to its settings, and to the files that they name. */
function checkSettings({ schema, flags, env }: Patient): Check {
  try {
    readNodeSettings(schema, { flags, env, onFatal: () => undefined });
    return ok('settings', 'all can work together');
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof KeysError)) throw error;
    return fail('settings', error.message, 'the node does not start: mend it');
  }
}

async function* checkNodeWith(settings: NodeSettings, patient: Patient): AsyncGenerator<Check> {
  const { role, disk, full, version, isAlive } = patient;
  const { data, store, keys, host, port, maxConnections, reserveBytes } = settings;
  if (keys !== undefined) yield await checkSecret('keys', keys);
  yield* checkCertificates(settings);
  yield checkOpenFiles(await openFilesLimit(), maxConnections);
  let members: StoreAnswer['members'] = new Map();
  let holder: string | undefined;
  if (store !== undefined) {
    const name = role === 'coordinator' ? role : textOf(settings, 'name');
    holder = yield* checkDatabase({ url: store, role, name });
  } else if (data !== undefined) {
    const found = await checkStore({ folder: data, role, disk, full, isAlive });
    members = found.members;
    if (found.holder !== undefined) holder = `process ${found.holder}`;
    yield* found.checks;
    if ((await disk.list(data)) !== undefined) yield* checkDisk(data, reserveBytes);
  }
  yield await checkPort(host, port, holder);
  const trust = await trustOf(settings);
  if (role === 'coordinator') yield* checkParticipants(members, trust);
  else yield* checkCoordinators(listOf(settings, 'coordinator'), version, trust);
}

async function* checkCertificates(settings: NodeSettings): AsyncGenerator<Check> {
  const [cert, key] = [textOf(settings, 'tlsCert'), textOf(settings, 'tlsKey')];
  const ca = textOf(settings, 'tlsCa');
  const now = Date.now();
  if (key !== undefined) yield await checkSecret('TLS key', key);
  if (cert !== undefined) yield await checkCertificate('certificate', cert, now, key);
  if (ca !== undefined) yield await checkCertificate('authority', ca, now);
}

/** What can be read of it; what cannot was said before. */
async function trustOf(settings: NodeSettings): Promise<Trust> {
  const read = (name: string) => {
    const path = textOf(settings, name);
    return path === undefined ? undefined : readFile(path, 'utf8').catch(() => undefined);
  };
  const [ca, cert, key] = await Promise.all([read('tlsCa'), read('tlsCert'), read('tlsKey')]);
  if (ca === undefined) return {};
  return { ca, ...(cert !== undefined && key !== undefined && { cert, key }) };
}

/** A setting that only some nodes have. */
function textOf(settings: object, name: string): string | undefined {
  const value = valueOf(settings, name);
  return typeof value === 'string' ? value : undefined;
}

/** The same, of one that is a list. */
function listOf(settings: object, name: string): string[] {
  const value = valueOf(settings, name);
  return Array.isArray(value) ? value.map(String) : [];
}

const valueOf = (settings: object, name: string): unknown =>
  Object.entries(settings).find(([key]) => key === name)?.[1];
