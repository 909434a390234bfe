/** What lines do: transfers are answered in their own time, everything else goes in order. */
import type { SingleTransfer } from '../../sdk/index.ts';
import { parseAmount } from '../amounts.ts';
import { sentenceOf } from '../client-command.ts';
import { CommandError, type Io, type Look } from '../io.ts';
import type { AccountReader } from './account-reader.ts';
import { findAccount, type FoundAccount } from './accounts.ts';
import { helpText } from './commands.ts';
import type { Screen } from './screen.ts';
import { parseStatement, type Statement, type TransferStatement } from './statement.ts';
import type { Transfers } from './transfers.ts';

/** Runs a command of the command line and prints what it says; gives its exit code. */
export type Run = (args: readonly string[], print: Pick<Io, 'out' | 'err'>) => Promise<number>;

/** What a session works with. */
export interface SessionParts {
  readonly screen: Screen;
  readonly transfers: Transfers;
  readonly reader: AccountReader;
  /** Lines come from a script: nobody looks on, and the exit code tells of each. */
  readonly script: boolean;
  readonly run: Run;
}

const notRead = 'the accounts are not known yet';

/** A line that did nothing: why, and the exit code of a script with it. */
interface Refusal {
  readonly error: string;
  readonly code: 1 | 2;
}

export class Session {
  readonly parts: SessionParts;
  #line = 0;
  #stopped = false;
  /** Ends what the line that is being done waits for. */
  #waiting: AbortController | undefined;
  readonly #counts = { notUnderstood: 0, notAnswered: 0 };

  constructor(parts: SessionParts) {
    this.parts = parts;
  }

  /** Somebody looks on, or has asked to stop: leaving without a word would surprise. */
  get watched(): boolean {
    return !this.parts.script || this.#stopped;
  }

  /** Does what a line says; a transfer is only sent. True if it is time to leave. */
  async do(line: string): Promise<boolean> {
    if (this.#stopped) return true;
    this.#line += 1;
    if (line.trim() === '') return false;
    this.parts.reader.refresh();
    const statement = parseStatement(line);
    if ('error' in statement) this.#refuse({ ...statement, code: 2 });
    else await this.#execute(statement);
    return 'command' in statement && statement.command === 'exit';
  }

  /** Ends what is waited for, if anything is; transfers go on. */
  interrupt(): boolean {
    const waiting = this.#waiting;
    waiting?.abort();
    return waiting !== undefined;
  }

  /** Takes no more lines. */
  stop(): void {
    this.#stopped = true;
    this.interrupt();
    this.parts.screen.close();
  }

  /** Something that was to be done could not be, and why. */
  fail(error: string): void {
    this.#refuse({ error, code: 1 });
  }

  /** @throws {CommandError} if not all is well: for a script, or for somebody who has looked on */
  conclude(): void {
    const { transfers, script } = this.parts;
    const { failed, unknown } = transfers.counts;
    const { notUnderstood, notAnswered } = this.#counts;
    const told = [
      { code: 3, count: unknown, what: `transfers whose outcome is not known: ${unknown}` },
      { code: 2, count: notUnderstood, what: `lines that were not understood: ${notUnderstood}` },
      { code: 1, count: failed, what: `transfers that did not happen: ${failed}` },
      { code: 1, count: notAnswered, what: `lines that got no answer: ${notAnswered}` },
      { code: 1, count: Number(this.#stopped), what: 'stopped before the end' },
    ] as const;
    const bad = told.filter(({ code, count }) => count > 0 && (script || code === 3));
    const [worst] = bad;
    if (!worst) return;
    throw new CommandError(worst.code, bad.map(({ what }) => what).join('; '));
  }

  async #execute(statement: Statement): Promise<void> {
    const { screen, transfers } = this.parts;
    switch (statement.command) {
      case 'transfer':
        return this.#transfer(statement);
      case 'accounts':
      case 'participants':
      case 'transfers':
        return this.#ask([statement.command, ...statement.args]);
      case 'show':
        return this.#show(statement.which);
      case 'pending': {
        const lines = transfers.pending();
        for (const line of lines.length > 0 ? lines : ['nothing is under way']) screen.out(line);
        return;
      }
      case 'wait':
        return this.#interruptible(() => transfers.settled());
      case 'help':
        for (const line of helpText(statement.about)) screen.out(line);
        return;
      case 'exit':
    }
  }

  async #transfer(statement: TransferStatement): Promise<void> {
    const { transfers, reader, script } = this.parts;
    let request = this.#request(statement);
    if ('error' in request) {
      await this.#interruptible(() => reader.search());
      request = this.#request(statement);
    }
    if (script) await this.#interruptible(() => transfers.room());
    // Whoever stops a script does not expect it to send one more.
    if (this.#stopped) return;
    if ('error' in request) this.#refuse(request);
    else if (transfers.full) {
      const error = `${transfers.underWay} transfers are under way: wait for one of them`;
      this.#refuse({ error, code: 1 });
    } else transfers.send(request);
  }

  #request(statement: TransferStatement): SingleTransfer | Refusal {
    const { amount, reference } = statement;
    const from = this.#find(statement.from);
    if ('error' in from) return from;
    const to = this.#find(statement.to);
    if ('error' in to) return to;
    const currency = statement.currency ?? from.currency;
    if (currency === undefined) {
      const error = `the currency of ${from.path} is not known: write it after the amount`;
      return { error, code: 2 };
    }
    const parsed = parseAmount(amount, currency);
    if ('error' in parsed) return { ...parsed, code: 2 };
    return { from: from.path, to: to.path, ...parsed, ...(reference && { reference }) };
  }

  #find(name: string): FoundAccount | Refusal {
    const { listings, trouble } = this.parts.reader;
    if (!listings && name.includes('/')) return { path: name };
    if (!listings) return { error: trouble ? sentenceOf(trouble) : notRead, code: 1 };
    const found = findAccount(name, listings);
    return 'error' in found ? { ...found, code: 2 } : found;
  }

  async #show(which: string | number | undefined): Promise<void> {
    const { ids } = this.parts.transfers;
    const id = typeof which === 'string' ? which : ids.get(which ?? Math.max(...ids.keys()));
    if (id !== undefined) return this.#ask(['show', id]);
    const error =
      which === undefined
        ? 'no transfer of this shell has an id yet: write show ID'
        : `#${which} has no id yet, or is not of this shell: write show ID`;
    this.#refuse({ error, code: 2 });
  }

  async #ask(args: readonly string[]): Promise<void> {
    const { screen, run } = this.parts;
    await this.#interruptible(async (signal) => {
      const print = (to: 'out' | 'err') => (line: string, look?: Look) => {
        if (!signal.aborted) screen[to](line, look);
      };
      const code = await run(args, { out: print('out'), err: print('err') });
      if (code === 2) this.#counts.notUnderstood += 1;
      else if (code !== 0) this.#counts.notAnswered += 1;
    });
  }

  async #interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    const { signal } = waiting;
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    await Promise.race([work(signal), ended]);
    this.#waiting = undefined;
  }

  #refuse({ error, code }: Refusal): void {
    const { screen, script } = this.parts;
    this.#counts[code === 2 ? 'notUnderstood' : 'notAnswered'] += 1;
    screen.err(script ? `line ${this.#line}: ${error}` : error, 'bad');
  }
}
