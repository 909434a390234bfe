/** The commands of the shell, as `help` and the Tab key know them. */

interface About {
  readonly usage: string;
  readonly about: string;
  /** What else there is to say, line by line. */
  readonly more?: readonly string[];
}

export const commands = {
  transfer: {
    usage: 'transfer AMOUNT [CURRENCY] from ACCOUNT to ACCOUNT [for TEXT]',
    about: 'move money, atomically',
    more: [
      'It is sent at once, and its answer is printed when it comes; you can go on typing.',
      'An account may go without its participant where only one has such an account.',
      'Without a currency, it is that of the account that pays.',
      '  transfer 25.00 from alice to bob',
      '  transfer 25.00 USD from bank-a/alice to bank-b/bob for "invoice 7"',
    ],
  },
  accounts: {
    usage: 'accounts [PARTICIPANT]',
    about: 'list accounts and their balances',
  },
  participants: { usage: 'participants', about: 'list the participants and their health' },
  transfers: {
    usage: 'transfers',
    about: 'list transfers, newest first',
    more: [
      'It takes the options of the command line:',
      '  transfers --state aborted --limit 5',
      '  transfers --account bank-a/alice',
    ],
  },
  show: {
    usage: 'show [ID | #NUMBER]',
    about: 'show one transfer: the last one of this shell unless told',
  },
  pending: { usage: 'pending', about: 'list the transfers that are under way' },
  wait: { usage: 'wait', about: 'wait until none is under way any more' },
  help: { usage: 'help [COMMAND]', about: 'show this, or more about one command' },
  exit: { usage: 'exit', about: 'leave; also quit, or Ctrl-D' },
} as const satisfies Record<string, About>;

export type ShellCommand = keyof typeof commands;

export const isShellCommand = (word: string): word is ShellCommand => Object.hasOwn(commands, word);

/** Where what a command is for stands in the list of all. */
const column = 28;

/** What `help` prints. */
export function helpText(command?: ShellCommand): string[] {
  if (command !== undefined) {
    const { usage, about, more = [] }: About = commands[command];
    return [usage, `  ${about}`, ...more.map((line) => `  ${line}`)];
  }
  return Object.values(commands).flatMap(({ usage, about }) => {
    if (usage.length + 2 > column) return [usage, ' '.repeat(column) + about];
    return [usage.padEnd(column) + about];
  });
}
