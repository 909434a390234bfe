import { StoreError } from '../store-error.ts';
import type { Role } from '../store.ts';
import type { Database } from './database.ts';

/** The largest amount: 2^53 − 1. */
const most = Number.MAX_SAFE_INTEGER;

/** Each step is run once, in one transaction with the number of its version (docs/SCALING.md). */
const steps = [
  `CREATE TABLE unanimous.stores (
     store text PRIMARY KEY CHECK (store ~ '^[a-z0-9]{8}$'),
     role text NOT NULL CHECK (role IN ('coordinator', 'participant')),
     name text NOT NULL,
     epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
     sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
     bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
     holder uuid,
     lease_ms integer NOT NULL DEFAULT 0,
     leased_until timestamptz NOT NULL DEFAULT '-infinity',
     server text NOT NULL,
     checkpoint uuid,
     checkpoint_sequence bigint NOT NULL DEFAULT 0,
     checkpoint_bytes bigint NOT NULL DEFAULT 0,
     UNIQUE (role, name)
   );
   CREATE TABLE unanimous.records (
     store text NOT NULL REFERENCES unanimous.stores,
     sequence bigint NOT NULL CHECK (sequence > 0),
     record json NOT NULL,
     PRIMARY KEY (store, sequence)
   );
   CREATE TABLE unanimous.checkpoints (
     store text NOT NULL REFERENCES unanimous.stores,
     checkpoint uuid NOT NULL,
     part integer NOT NULL,
     content json NOT NULL,
     PRIMARY KEY (checkpoint, part)
   );
   CREATE FUNCTION unanimous.server() RETURNS text LANGUAGE sql VOLATILE AS $server$
     SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
     FROM pg_control_system()
   $server$;`,
  'ALTER TABLE unanimous.stores ADD COLUMN address text;',
  `ALTER TABLE unanimous.stores
     ADD COLUMN booked bigint NOT NULL DEFAULT 0 CHECK (booked BETWEEN 0 AND sequence);
   CREATE TABLE unanimous.accounts (
     store text NOT NULL REFERENCES unanimous.stores,
     account text NOT NULL,
     currency text NOT NULL,
     posted bigint NOT NULL,
     held bigint NOT NULL CHECK (held BETWEEN 0 AND ${most}),
     pending bigint NOT NULL CHECK (pending BETWEEN 0 AND ${most}),
     available bigint GENERATED ALWAYS AS (posted - held) STORED,
     minimum bigint NOT NULL CHECK (minimum BETWEEN -${most} AND ${most}),
     frozen boolean NOT NULL,
     opened_at timestamptz NOT NULL,
     PRIMARY KEY (store, account),
     CONSTRAINT accounts_keep_their_minimum CHECK (posted - held >= minimum),
     CONSTRAINT accounts_keep_their_headroom CHECK (posted + pending <= ${most})
   ) WITH (fillfactor = 50);
   CREATE TABLE unanimous.holds (
     store text NOT NULL,
     transfer text NOT NULL,
     leg integer NOT NULL CHECK (leg > 0),
     account text NOT NULL,
     amount bigint NOT NULL CHECK (amount <> 0 AND amount BETWEEN -${most} AND ${most}),
     at timestamptz NOT NULL,
     PRIMARY KEY (store, transfer, leg),
     FOREIGN KEY (store, account) REFERENCES unanimous.accounts
   );
   CREATE TABLE unanimous.entries (
     store text NOT NULL,
     sequence bigint NOT NULL,
     line integer NOT NULL CHECK (line > 0),
     account text NOT NULL,
     kind text NOT NULL CHECK (kind IN ('opening', 'transfer', 'resolution', 'compensation')),
     transfer text CHECK ((transfer IS NULL) = (kind = 'opening')),
     amount bigint NOT NULL CHECK (amount BETWEEN -${most} AND ${most}),
     balance bigint NOT NULL CHECK (balance BETWEEN -${most} AND ${most}),
     at timestamptz NOT NULL,
     timestamp bigint CHECK ((timestamp IS NOT NULL) = (kind = 'transfer')),
     PRIMARY KEY (store, sequence, line),
     FOREIGN KEY (store, sequence) REFERENCES unanimous.records,
     FOREIGN KEY (store, account) REFERENCES unanimous.accounts
   );
   CREATE INDEX entries_of_account ON unanimous.entries (store, account, sequence, line);
   CREATE INDEX entries_of_transfer ON unanimous.entries (transfer);`,
  // Only a statement that changes the row of a store writes records of it. A reference would look
  // for that row at every record, which is a fourth of what the database does for a transfer: the
  // row is kept by a rule of its own.
  `LOCK TABLE unanimous.stores, unanimous.records IN ACCESS EXCLUSIVE MODE;
   ALTER TABLE unanimous.records DROP CONSTRAINT records_store_fkey;
   CREATE FUNCTION unanimous.keep_store() RETURNS trigger LANGUAGE plpgsql AS $keep$ BEGIN
     IF EXISTS (SELECT FROM unanimous.records WHERE store = OLD.store) THEN
       RAISE foreign_key_violation USING MESSAGE = 'there are records of the store ' || OLD.store;
     END IF;
     RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
   END $keep$;
   CREATE TRIGGER keep_store BEFORE DELETE OR UPDATE OF store ON unanimous.stores
     FOR EACH ROW EXECUTE FUNCTION unanimous.keep_store();`,
];

/** The version of the tables that this program knows. */
export const SCHEMA_VERSION = steps.length;

/** So that two programs do not migrate at the same time: a number that nobody else locks. */
const migrationLock = 8_226_201_145;

/** The version of the tables in a database, 0 when there are none. */
export async function schemaVersion(database: Database): Promise<number> {
  const [table] = await database.query<{ found: string | null }>(
    "SELECT to_regclass('unanimous.version')::text AS found",
  );
  if (!table?.found) return 0;
  const [row] = await database.query<{ version: number }>('SELECT version FROM unanimous.version');
  return row?.version ?? 0;
}

/**
 * Brings the tables of an older program, or none, to this one's version.
 * @throws StoreError when they are a newer one's: what this program does not know, it could break
 */
export async function migrate(database: Database): Promise<void> {
  const version = await schemaVersion(database);
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `the tables at ${database.place} have version ${version}, and this program knows ` +
        `${SCHEMA_VERSION}: run the newer program`,
    );
  }
  await database.query(
    `SELECT pg_advisory_xact_lock(${migrationLock});
     CREATE SCHEMA IF NOT EXISTS unanimous;
     CREATE TABLE IF NOT EXISTS unanimous.version (version integer NOT NULL);
     INSERT INTO unanimous.version
       SELECT 0 WHERE NOT EXISTS (SELECT FROM unanimous.version);`,
  );
  for (const [before, step] of steps.entries()) {
    await database.query(
      `SELECT pg_advisory_xact_lock(${migrationLock});
       DO $migration$ BEGIN
         IF (SELECT version FROM unanimous.version) = ${before} THEN
           ${step}
           UPDATE unanimous.version SET version = ${before + 1};
         END IF;
       END $migration$;`,
    );
  }
}

/** What the user of a node must be allowed with each table. */
const rights = {
  stores: ['SELECT', 'UPDATE'],
  records: ['SELECT', 'INSERT'],
  checkpoints: ['SELECT', 'INSERT', 'DELETE'],
};
const ledgerRights = {
  accounts: ['SELECT', 'INSERT', 'UPDATE'],
  holds: ['SELECT', 'INSERT', 'DELETE'],
  entries: ['SELECT', 'INSERT'],
};

/** Whether the user of a database may bring its tables to the version of this program. */
export async function mayMigrate(database: Database): Promise<boolean> {
  const [row] = await database.query<{ may: boolean }>(
    `SELECT has_database_privilege(current_database(), 'CREATE')
       AND has_schema_privilege('unanimous', 'CREATE')
       AND pg_has_role(relowner, 'USAGE') AS may
     FROM pg_class WHERE oid = 'unanimous.stores'::regclass`,
  );
  return row?.may ?? false;
}

/** What the user of a database lacks to run such a node, each as `INSERT on unanimous.entries`. */
export async function missingRights(database: Database, role: Role): Promise<string[]> {
  const needed = { ...rights, ...(role === 'participant' && ledgerRights) };
  const all = Object.entries(needed).flatMap(([table, some]) => some.map((one) => [table, one]));
  const rows = await database.query<{ missing: string }>(
    `SELECT format('%s on unanimous.%s', privilege, name) AS missing
     FROM unnest($1::text[], $2::text[]) AS needed(name, privilege)
     WHERE NOT has_table_privilege('unanimous.' || name, privilege)`,
    [all.map(([table]) => table), all.map(([, one]) => one)],
  );
  return rows.map(({ missing }) => missing);
}
