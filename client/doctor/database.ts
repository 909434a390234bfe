/** The store of a node in PostgreSQL: whether a start would take it. */
import { connect, type Database } from '../../log/postgres/database.ts';
import {
  mayMigrate,
  missingRights,
  SCHEMA_VERSION,
  schemaVersion,
} from '../../log/postgres/schema.ts';
import { AwayError } from '../../log/store-error.ts';
import { StoreError, type Role } from '../../log/store.ts';
import { fail, ok, warn, type Check } from './check.ts';

export interface DatabaseQuestion {
  readonly url: string;
  readonly role: Role;
  /** Of the store; a participant must say it. */
  readonly name: string | undefined;
}

/** Slower than this is worth a look. Milliseconds. */
const slowMs = 5;
const roundTrips = 20;

/**
 * Looks at a database and at a store in it, and changes nothing. Gives who runs on the store, if
 * anybody does.
 */
export async function* checkDatabase(
  question: DatabaseQuestion,
): AsyncGenerator<Check, string | undefined> {
  let database: Database | undefined;
  try {
    database = await connect(question.url);
    yield await checkDistance(database);
    const version = await schemaVersion(database);
    if (version > SCHEMA_VERSION) {
      const found = `tables of version ${version}; this program knows ${SCHEMA_VERSION}`;
      yield fail('schema', found, 'run the newer program');
      return undefined;
    }
    yield await checkSchema(database, version, question.role);
    const { check, isHeld } = await checkStore(version === 0 ? undefined : database, question);
    yield check;
    return isHeld ? 'a process' : undefined;
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof AwayError)) throw error;
    yield fail('database', error.message, 'docs/SCALING.md says what a node needs of it');
    return undefined;
  } finally {
    await database?.close();
  }
}

async function checkDistance(database: Database): Promise<Check> {
  const since = performance.now();
  for (let trip = 0; trip < roundTrips; trip++) await database.query('SELECT 1');
  const ms = (performance.now() - since) / roundTrips;
  const found = `${database.place} answers in ${ms.toFixed(1)} ms, and keeps what it acknowledges`;
  if (ms <= slowMs) return ok('database', found);
  return warn('database', found, 'each transfer waits for it several times: run the node near it');
}

async function checkSchema(database: Database, version: number, role: Role): Promise<Check> {
  const found = `tables of version ${version}`;
  if (version === 0) return ok('schema', found);
  if (version < SCHEMA_VERSION) {
    const older = `${found}; a start brings them to version ${SCHEMA_VERSION}`;
    if (await mayMigrate(database)) return ok('schema', older);
    const advice = 'let their owner do that first: docs/SCALING.md, "Versions of the tables"';
    return fail('schema', `${older}, which its user may not do`, advice);
  }
  const missing = await missingRights(database, role);
  if (missing.length === 0) return ok('schema', `${found}, and all rights that a ${role} needs`);
  const advice = 'grant that to the user of the node: docs/SCALING.md, "Set up"';
  return fail('schema', `${found}; its user lacks ${missing.join(', ')}`, advice);
}

interface Row extends Record<string, unknown> {
  readonly store: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly held: boolean;
  readonly elsewhere: boolean;
}

/** @param database undefined: it has no tables yet */
async function checkStore(
  database: Database | undefined,
  { role, name }: DatabaseQuestion,
): Promise<{ check: Check; isHeld: boolean }> {
  if (name === undefined) {
    const found = 'a database has the stores of many participants';
    return { check: fail('store', found, 'say with --name which one'), isHeld: false };
  }
  const [row] = (await database?.query<Row>(STORE, [role, name])) ?? [];
  if (!row) {
    const named = role === 'coordinator' ? '' : ` --name ${name}`;
    const init = `make one with unanimous init --role ${role}${named} --store URL`;
    return { check: fail('store', `no store of a ${role} named ${name}`, init), isHeld: false };
  }
  const { store, epoch, sequence, held: isHeld, elsewhere } = row;
  const use = isHeld ? 'a process runs on it: another one would wait' : 'no process runs on it';
  const found = `${store} of a ${role}, epoch ${epoch}, ${sequence} records; ${use}`;
  if (!elsewhere || isHeld) return { check: ok('store', found), isHeld };
  const advice = 'docs/SCALING.md, "Records may be lost"; then unanimous confirm-failover';
  return { check: fail('store', `${found}; last seen whole on another server`, advice), isHeld };
}

const STORE = `
  SELECT store, epoch, sequence,
         holder IS NOT NULL AND leased_until > clock_timestamp() AS held,
         server <> unanimous.server() AS elsewhere
  FROM unanimous.stores WHERE role = $1 AND name = $2`;
