/** What a question is answered with: a list, or one thing. */
import type { ClientOptions } from './client-command.ts';
import { jsonLine, type Io } from './io.ts';
import { fieldLines, oneLine, tablePrinter, type Columns, type Row } from './table.ts';

/** How people see a list; `none` says that it is empty. */
export interface Listing<T> {
  readonly columns: Columns;
  readonly row: (item: T) => Row;
  readonly none: string;
}

/** Rows that are measured and printed together: no more than come in one page. */
const mostRows = 100;

/**
 * Prints a list page by page, as a table or as JSON Lines, until it ends or nobody reads any more.
 * @param most at most so many items
 */
export async function printList<T extends object>(
  items: AsyncIterable<T> | Iterable<T>,
  { json }: Pick<ClientOptions, 'json'>,
  { columns, row, none }: Listing<T>,
  io: Io,
  most = Infinity,
): Promise<void> {
  const print = tablePrinter(columns, (line, look) => {
    io.out(line, look);
  });
  const rows: Row[] = [];
  let count = 0;
  try {
    for await (const item of items) {
      count += 1;
      if (json) io.out(jsonLine(item));
      else rows.push(row(item));
      if (rows.length === mostRows) print(rows.splice(0));
      if (count === most || io.isOutClosed()) break;
    }
  } finally {
    // What came before a page that cannot be read is shown, too.
    if (rows.length > 0) print(rows);
  }
  if (count === 0) io.err(none);
  if (count === most && !json) io.err(`these are the first ${most}; --all lists all`);
}

/** Prints one thing, by its fields for people; a field without a value is left out. */
export function printOne(
  value: object,
  { json }: ClientOptions,
  title: string,
  fields: Readonly<Record<string, string | undefined>>,
  io: Io,
): void {
  if (json) {
    io.out(jsonLine(value));
    return;
  }
  io.out(oneLine(title), 'title');
  for (const line of fieldLines(fields)) io.out(line);
}
