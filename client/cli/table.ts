/** What people read: aligned columns, and one thing field by field. */
import type { Look } from './io.ts';

/**
 * The columns of a table: texts on the left, numbers on the right of theirs, and a last column of
 * any length. Only that one may hold what is not a name, a code or a time, so widths are lengths.
 */
export interface Columns {
  readonly texts: readonly string[];
  readonly numbers?: readonly string[];
  readonly last?: string;
}

/** One line of a table; its cells are those of `texts`, `numbers` and `last`, in this order. */
export interface Row {
  readonly cells: readonly string[];
  readonly look?: Look;
}

/** Prints rows as they come: the head before the first ones, columns never narrower than before. */
export function tablePrinter(
  { texts, numbers = [], last }: Columns,
  out: (line: string, look?: Look) => void,
): (rows: readonly Row[]) => void {
  const head = [...texts, ...numbers, ...(last === undefined ? [] : [last])];
  const widths = head.map((name) => name.length);
  const isNumber = (at: number) => at >= texts.length && at < texts.length + numbers.length;
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell[isNumber(at) ? 'padStart' : 'padEnd'](widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  let headed = false;
  return (rows) => {
    const lines = rows.map(({ cells, look }) => ({ cells: cells.map(oneLine), look }));
    for (const { cells } of lines) {
      const measured = last === undefined ? cells : cells.slice(0, -1);
      for (const [at, cell] of measured.entries()) {
        widths[at] = Math.max(widths[at] ?? 0, cell.length);
      }
    }
    if (!headed) out(lineOf(head), 'title');
    headed = true;
    for (const { cells, look } of lines) out(lineOf(cells), look);
  };
}

/** The lines of a table of texts. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines: string[] = [];
  const print = tablePrinter({ texts: head }, (line) => void lines.push(line));
  print(rows.map((cells) => ({ cells })));
  return lines;
}

/** A line for each field of one thing; one without a value is left out. */
export function fieldLines(fields: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value = '']) => `  ${name.padEnd(width)}  ${oneLine(value)}`);
}

/** The longest text from elsewhere that is shown in one piece. Characters. */
const longest = 2_000;

/** A text that is one line, so that it cannot pass for more, and no longer than can be read. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)} …` : line;
}
