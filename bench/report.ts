/** What a measurement gives, as Markdown; and its place in docs/PERFORMANCE.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a measurement in rounds is told. */
export interface RoundsOptions {
  /** For everybody's files; readable by others. */
  readonly folder: string;
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** What came of one. */
export interface Report {
  /** Its place: what is between `<!-- compare -->` and `<!-- end compare -->`. */
  readonly section: string;
  readonly lines: readonly string[];
  /** SVG by the name of its file in docs/performance/, without its end. */
  readonly charts: Readonly<Record<string, string>>;
}

const pathTo = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

/** The rows of a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** @throws {Error} if docs/PERFORMANCE.md has no place for it */
export function write({ section, lines, charts }: Report): void {
  const path = pathTo('PERFORMANCE.md');
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- ${section} -->\n`, `<!-- end ${section} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${section}`);
  const head = text.slice(0, from + begin.length);
  writeFileSync(path, `${head}\n${lines.join('\n')}\n\n${text.slice(to)}`);
  mkdirSync(pathTo('performance'), { recursive: true });
  for (const [name, svg] of Object.entries(charts)) {
    writeFileSync(pathTo(`performance/${name}.svg`), `${svg}\n`);
  }
}
