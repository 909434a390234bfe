/** The store of a node: whether a start would take it. */
import { join } from 'node:path';
import { checkpointFile } from '../../log/checkpoint.ts';
import { valueOf } from '../../log/codec.ts';
import type { Disk } from '../../log/disk.ts';
import type { LogRecord } from '../../log/log.ts';
import { readOn, readStore } from '../../log/read-store.ts';
import { listSegments } from '../../log/segment.ts';
import { movedTo, readIdentity, storeExists, StoreError, type Role } from '../../log/store.ts';
import { fail, ok, warn, type Check } from './check.ts';

export interface StoreQuestion {
  readonly folder: string;
  readonly role: Role;
  readonly disk: Disk;
  /** From the first record on; else as a start reads it, from the checkpoint on. */
  readonly full: boolean;
  /** Whether there is a process with this id. */
  readonly isAlive: (pid: number) => boolean;
}

export interface StoreAnswer {
  readonly checks: readonly Check[];
  /** The process that runs on the store. */
  readonly holder?: number;
  /** Where the participants have registered, by name; of a coordinator. */
  readonly members: ReadonlyMap<string, string>;
}

/** What is looked for in the log: the addresses of participants. */
interface MaybeRegistered extends LogRecord {
  readonly name?: string;
  readonly address?: string;
}

/** Looks at a store, and changes nothing. */
export async function checkStore(question: StoreQuestion): Promise<StoreAnswer> {
  const { folder, role, disk } = question;
  const members = new Map<string, string>();
  if (!(await storeExists(folder, disk))) {
    const init = `unanimous init --role ${role} --data ${folder}`;
    const advice = `make one with ${init}, or restore a backup`;
    return { checks: [fail('store', `${folder} holds no store`, advice)], members };
  }
  const holder = await holderOf(question);
  const checks: Check[] = [];
  try {
    const identity = await readIdentity(folder, disk);
    const { store, epoch } = identity;
    const moved = await movedTo(folder, disk);
    if (moved !== undefined) {
      const advice = 'start the node on that one, with --store';
      return { checks: [fail('store', `it was moved to the ${moved}`, advice)], members };
    }
    const found = `${store} of a ${identity.role}, format ${identity.format}, epoch ${epoch}`;
    const wrong = `give the folder of a ${role}`;
    checks.push(identity.role === role ? ok('store', found) : fail('store', found, wrong));
    checks.push(await checkLog(question, holder, members));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const advice = 'docs/OPERATIONS.md, "A store is damaged", says what to do';
    checks.push(fail('log', error.message, advice));
  }
  const use = holder === undefined ? 'no process runs on it' : `process ${holder} runs on it`;
  checks.push(ok('lock', use));
  return { checks, members, ...(holder !== undefined && { holder }) };
}

/** The lock is not tried: a node that starts in this moment would be refused. */
async function holderOf({ folder, disk, isAlive }: StoreQuestion): Promise<number | undefined> {
  const text = Buffer.from((await disk.read(join(folder, 'lock'))) ?? [])
    .toString()
    .trim();
  const pid = Number(text);
  return text !== '' && isAlive(pid) ? pid : undefined;
}

async function checkLog(
  { folder, disk, full }: StoreQuestion,
  holder: number | undefined,
  members: Map<string, string>,
): Promise<Check> {
  const see = ({ type, name, address }: MaybeRegistered) => {
    if (type === 'registered' && name !== undefined) members.set(name, address ?? '');
  };
  const take = ({ record }: { record: MaybeRegistered }) => {
    see(record);
  };
  await listSegments(disk, folder);
  const reading = full
    ? await readStore<MaybeRegistered>({ folder, disk, take })
    : await readFromCheckpoint(folder, disk, see);
  const { segment, sequence } = reading.place;
  const extent = full ? 'every one is proved' : 'proved from the checkpoint on (--full: all)';
  const found = `${sequence} records in ${segment} segments; ${extent}`;
  if (reading.torn === undefined || holder !== undefined) return ok('log', found);
  return warn('log', reading.torn, 'nothing: what is torn was never acknowledged');
}

/** What a start reads. */
async function readFromCheckpoint(
  folder: string,
  disk: Disk,
  see: (record: MaybeRegistered) => void,
) {
  const { low } = checkpointFile(disk, folder);
  await low.read();
  const { segment, sequence, chain, records } = low.data;
  for (const text of records) see(valueOf<MaybeRegistered>(text));
  const take = ({ record }: { record: MaybeRegistered }) => {
    see(record);
  };
  const from = { segment, before: { sequence, chain }, sequence, chain };
  return readOn<MaybeRegistered>({ folder, disk, take }, from);
}
