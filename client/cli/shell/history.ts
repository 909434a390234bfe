/** What was typed, kept over sessions. */
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** How many lines are remembered. A file that has twice as many is cut when a shell starts. */
export const mostLines = 1_000;

/** Longer lines are not kept. Characters. */
const longestLine = 1_000;

/** A larger file is not taken for a history. Bytes. */
const mostBytes = 16 * 1024 * 1024;

/** Where it is kept unless told: the state folder of the XDG base directories. */
export function historyFile(env: Record<string, string | undefined>): string {
  const { XDG_STATE_HOME: state = '', HOME: home = homedir() } = env;
  const folder = isAbsolute(state) ? state : join(home, '.local', 'state');
  return join(folder, 'unanimous', 'history');
}

/** A file of lines that only its owner can read. Several shells may add to it. */
export class History {
  /** Those of earlier sessions, newest first, as readline wants them. */
  readonly lines: readonly string[];
  readonly #onTrouble: (why: string) => void;
  #file: string | undefined;
  #last: string | undefined;

  /** @param onTrouble why nothing is kept; told once, and then this shell does without */
  constructor(file: string, onTrouble: (why: string) => void) {
    this.#file = file;
    this.#onTrouble = onTrouble;
    this.lines = this.#attempt(open) ?? [];
    this.#last = this.lines[0];
  }

  /** Keeps a line that was typed, unless it repeats the last one. */
  add(line: string): void {
    if (line.trim() === '' || line === this.#last || line.length > longestLine) return;
    this.#last = line;
    this.#attempt((file) => {
      append(file, `${line}\n`);
    });
  }

  #attempt<T>(work: (file: string) => T): T | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return work(this.#file);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#onTrouble(`what you type is not kept in ${this.#file}: ${error.message}`);
      this.#file = undefined;
      return undefined;
    }
  }
}

function open(file: string): string[] {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  append(file, '');
  const stats = statSync(file);
  if (!stats.isFile()) throw new Error('it is not a file');
  if (stats.size > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const kept = lines.slice(-mostLines);
  if (lines.length > 2 * mostLines) writeFileSync(file, kept.map((line) => `${line}\n`).join(''));
  return kept.reverse();
}

const append = (file: string, text: string) => {
  appendFileSync(file, text, { mode: 0o600 });
};
