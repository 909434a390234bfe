/** What is typed, as a value; knows only the words. */
import { printable } from '../io.ts';
import { nearest } from '../nearest.ts';
import { commands, isShellCommand, type ShellCommand } from './commands.ts';

/** What a line asks for. Accounts and amounts are as they were typed. */
export type Statement =
  | TransferStatement
  /** A command of the command line, with its arguments. */
  | { readonly command: 'accounts' | 'participants' | 'transfers'; readonly args: string[] }
  /** `which`: an id, or the number of a transfer of this session; the last one unless told. */
  | { readonly command: 'show'; readonly which?: string | number }
  | { readonly command: 'help'; readonly about?: ShellCommand }
  | { readonly command: 'pending' | 'wait' | 'exit' };

export interface TransferStatement {
  readonly command: 'transfer';
  readonly amount: string;
  /** In capitals; that of the account unless told. */
  readonly currency?: string;
  readonly from: string;
  readonly to: string;
  readonly reference?: string;
}

/** A sentence that says what is wrong with a line, and what to write. */
export interface Misunderstood {
  readonly error: string;
}

/** Reads one line that is not blank. */
export function parseStatement(line: string): Statement | Misunderstood {
  const text = line.replaceAll('\t', ' ');
  // What cannot be shown as it is could not be asked for again as it is.
  if (printable(text) !== text) return { error: `there are control characters in "${text}"` };
  const words = split(text);
  if ('error' in words) return words;
  const [typed = '', ...args] = words;
  const first = typed.toLowerCase();
  const command = first === 'quit' ? 'exit' : first;
  if (!isShellCommand(command)) return { error: noCommand(typed) };
  switch (command) {
    case 'transfer':
      return parseTransfer(args);
    case 'accounts':
    case 'participants':
    case 'transfers':
      return { command, args };
    case 'show':
      return parseShow(args);
    case 'help':
      return parseHelp(args);
    case 'pending':
    case 'wait':
    case 'exit':
      return args[0] === undefined ? { command } : { error: `${typed} stands alone` };
  }
}

/** Words; what is in quotes is one. */
function split(line: string): string[] | Misunderstood {
  const words: string[] = [];
  for (const [word, double, single] of line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)) {
    const quoted = double ?? single;
    if (quoted === undefined && /^["']/.test(word)) {
      return { error: `the ${word.charAt(0)} before ${word.slice(1)} is not closed` };
    }
    words.push(quoted ?? word);
  }
  return words;
}

function parseTransfer([amount, ...args]: string[]): TransferStatement | Misunderstood {
  if (amount === undefined || isKeyword(amount)) return incomplete('how much');
  if (!/^\d/.test(amount)) return { error: `"${amount}" is not an amount: ${write}` };
  const [next = 'from'] = args;
  const currency = isKeyword(next) ? undefined : args.shift()?.toUpperCase();
  const names = new Map<string, string>();
  let reference: string | undefined;
  while (args.length > 0 && reference === undefined) {
    const typed = args.shift() ?? '';
    const keyword = typed.toLowerCase();
    if (!isKeyword(keyword)) return { error: `"${typed}" is one word too many: ${write}` };
    if (names.has(keyword)) return { error: `${keyword} is there twice: ${write}` };
    if (args.length === 0) return { error: `something is missing after ${keyword}: ${write}` };
    // A reference needs no quotes: it is the rest of the line.
    if (keyword === 'for') reference = args.join(' ');
    else names.set(keyword, args.shift() ?? '');
  }
  const [from, to] = [names.get('from'), names.get('to')];
  if (from === undefined) return incomplete('from which account');
  if (to === undefined) return incomplete('to which account');
  if (reference === '') return { error: `the text after for is empty: ${write}` };
  return {
    command: 'transfer',
    amount,
    ...(currency !== undefined && { currency }),
    from,
    to,
    ...(reference !== undefined && { reference }),
  };
}

const write = `write ${commands.transfer.usage}`;

const incomplete = (what: string): Misunderstood => ({ error: `say ${what}: ${write}` });

const isKeyword = (word: string) => ['from', 'to', 'for'].includes(word.toLowerCase());

function parseShow([which, extra]: string[]): Statement | Misunderstood {
  if (extra !== undefined) return { error: `show takes one transfer, not also "${extra}"` };
  if (which === undefined) return { command: 'show' };
  const number = /^#?(\d{1,15})$/.exec(which)?.[1];
  return { command: 'show', which: number === undefined ? which : Number(number) };
}

function parseHelp([typed, extra]: string[]): Statement | Misunderstood {
  if (extra !== undefined) return { error: `help takes one command, not also "${extra}"` };
  if (typed === undefined) return { command: 'help' };
  const about = typed.toLowerCase();
  return isShellCommand(about) ? { command: 'help', about } : { error: noCommand(typed) };
}

function noCommand(typed: string): string {
  const close = nearest(typed, Object.keys(commands));
  return `there is no command "${typed}": ${close ? `did you mean ${close}?` : 'type help'}`;
}
