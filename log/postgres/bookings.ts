/** The tables of accounts, holds and entries: how a statement that writes a log changes them. */
import type { Bookings } from '../bookings.ts';

/**
 * What follows `held`, the row of the store `$1` if this process may write. All of it sees the
 * tables as they were before, and no row may be changed twice: so what the parts add to an account
 * is summed up first. Whoever reads a balance in the records must find the same sum here: NULL is
 * refused. Accounts are also found by a list, or a plan would read them all while they are few, and
 * be kept when they are many.
 * @param first the number of its first parameter, see `bookingValues`
 */
export const bookInto = (first: number): string => `
  opening AS (
    SELECT * FROM json_to_recordset($${first}::json)
      AS one(account text, currency text, minimum bigint, at timestamptz)
  ), promised AS (
    INSERT INTO unanimous.holds (store, transfer, leg, account, amount, at)
    SELECT held.store, one.* FROM held, json_to_recordset($${first + 1}::json)
      AS one(transfer text, leg integer, account text, amount bigint, at timestamptz)
    RETURNING account, amount
  ), released AS (
    DELETE FROM unanimous.holds AS old USING held
    WHERE old.store = held.store AND old.transfer = ANY($${first + 2}::text[])
    RETURNING account, amount
  ), entered AS (
    INSERT INTO unanimous.entries
      (store, sequence, line, account, kind, transfer, amount, balance, at, timestamp)
    SELECT held.store, one.* FROM held, json_to_recordset($${first + 3}::json)
      AS one(sequence bigint, line integer, account text, kind text, transfer text,
             amount bigint, balance bigint, at timestamptz, timestamp bigint)
    RETURNING account, amount
  ), change AS (
    SELECT account, sum(posted) AS posted, sum(held) AS held, sum(pending) AS pending,
           max(balance) AS balance, bool_or(frozen) AS frozen
    FROM (
      SELECT account, 0 AS posted, greatest(-amount, 0) AS held, greatest(amount, 0) AS pending,
             NULL::bigint AS balance, NULL::boolean AS frozen
      FROM promised
      UNION ALL
      SELECT account, 0, least(amount, 0), least(-amount, 0), NULL, NULL FROM released
      UNION ALL
      SELECT account, amount, 0, 0, NULL, NULL FROM entered
      UNION ALL
      SELECT account, 0, 0, 0, balance, frozen FROM held, json_to_recordset($${first + 4}::json)
        AS one(account text, balance bigint, frozen boolean)
    ) AS part
    GROUP BY account
  ), opened AS (
    INSERT INTO unanimous.accounts
      (store, account, currency, posted, held, pending, minimum, frozen, opened_at)
    SELECT $1, opening.account, currency,
           CASE WHEN change.posted = change.balance THEN change.posted END,
           change.held, change.pending, minimum, coalesce(change.frozen, false), opening.at
    FROM opening JOIN change USING (account)
  ), changed AS (
    UPDATE unanimous.accounts AS old
    SET posted = CASE
          WHEN old.posted + change.posted = coalesce(change.balance, old.posted + change.posted)
          THEN old.posted + change.posted
        END,
        held = old.held + change.held, pending = old.pending + change.pending,
        frozen = coalesce(change.frozen, old.frozen)
    FROM change
    WHERE old.store = $1 AND old.account = change.account
      AND old.account = ANY(ARRAY(SELECT account FROM change))
  )`;

/** The parameters of `bookInto`. */
export const bookingValues = (bookings: Bookings): unknown[] => {
  const { opened, promised, released, entries, changed } = bookings;
  const json = [opened, promised, entries, changed].map((rows) => JSON.stringify(rows));
  const [accounts, holds, lines, news] = json;
  return [accounts, holds, [...released], lines, news];
};
