/** What the coordinators of a bank have on record in their database, read beside them. */
import pg from 'pg';

/** When the database does not answer for so long, it is away. Milliseconds. */
const awayMs = 2_000;

/** Records in which a transfer that has not ended can have begun. */
const recent = 5_000;

/** Transfers that are left, and the end of the log that they were found in. */
export interface Left {
  readonly sequence: number;
  readonly ids: readonly string[];
}

export class LeaderLog {
  readonly #pool: pg.Pool;
  #address = '';

  constructor(url: string) {
    const timeouts = { connectionTimeoutMillis: awayMs, query_timeout: awayMs };
    this.#pool = new pg.Pool({ connectionString: url, max: 2, ...timeouts });
    this.#pool.on('error', () => undefined);
  }

  /** Where the coordinator is that leads, or did when that was last known; empty before. */
  async address(): Promise<string> {
    const rows = await this.#rows<{ address: string | null }>(
      "SELECT address FROM unanimous.stores WHERE role = 'coordinator'",
    ).catch(() => []);
    this.#address = rows[0]?.address ?? this.#address;
    return this.#address;
  }

  /** The transfers that have begun and not ended. */
  async unfinished(): Promise<Left> {
    const rows = await this.#rows<{ last: string; id: string | null }>(
      `WITH store AS (SELECT store, sequence FROM unanimous.stores WHERE role = 'coordinator'),
       recent AS (
         SELECT record->>'type' AS type, record->>'id' AS id
         FROM unanimous.records AS r JOIN store USING (store)
         WHERE r.sequence > store.sequence - ${recent}
       ), open AS (
         SELECT id FROM recent WHERE type = 'begun'
         EXCEPT SELECT id FROM recent WHERE type = 'ended'
       )
       SELECT store.sequence AS last, open.id FROM store LEFT JOIN open ON true`,
    );
    const ids = rows.flatMap(({ id }) => (id === null ? [] : [id]));
    return { sequence: Number(rows[0]?.last), ids };
  }

  /** How many of them have ended since. */
  async ended({ sequence, ids }: Left): Promise<number> {
    const rows = await this.#rows(
      `SELECT DISTINCT record->>'id' FROM unanimous.records JOIN unanimous.stores USING (store)
       WHERE role = 'coordinator' AND records.sequence > $1
         AND record->>'type' = 'ended' AND record->>'id' = ANY($2)`,
      [sequence, ids],
    );
    return rows.length;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #rows<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.#pool.query<Row & Record<string, unknown>>(sql, [...values]);
    return rows;
  }
}
