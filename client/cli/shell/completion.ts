/** What the Tab key offers. */
import { scaleOf } from '../amounts.ts';
import { accountsOf, idOf, type Listings } from './accounts.ts';
import { commands } from './commands.ts';

/** What may stand in place of the last word, and that word, as readline wants it. */
export type Completions = [string[], string];

/** More than this is not a help to anybody: the next letters narrow it down. */
const mostOffered = 100;

/** @param ids transfers that may be shown */
export function complete(
  line: string,
  listings: Listings | undefined,
  ids: Iterable<string>,
): Completions {
  const words = line.trimStart().split(/\s+/);
  const typed = words.pop() ?? '';
  const offers = offersAfter(words, typed, listings ?? new Map(), ids);
  const hits = [...new Set(offers)].filter((offer) =>
    offer.toLowerCase().startsWith(typed.toLowerCase()),
  );
  return [hits.length > mostOffered ? [] : hits.sort(), typed];
}

/** Every word but the beginning of an account ends with a space. */
function offersAfter(
  words: string[],
  typed: string,
  listings: Listings,
  ids: Iterable<string>,
): string[] {
  const whole = (offers: Iterable<string>) => Array.from(offers, (offer) => `${offer} `);
  const [command, ...args] = words.map((word) => word.toLowerCase());
  switch (command) {
    case undefined:
    case 'help':
      return args.length > 0 ? [] : whole(Object.keys(commands));
    case 'accounts':
      return whole(listings.keys());
    case 'show':
      return args.length > 0 ? [] : whole(ids);
    case 'transfer': {
      const last = args.at(-1) ?? '';
      if (args.includes('for')) return [];
      if (last === 'from' || last === 'to') return accountOffers(typed, listings);
      return whole(transferWords(args, listings));
    }
    default:
      return [];
  }
}

/** What may follow the words of a transfer, if it is not an account. */
function transferWords(args: readonly string[], listings: Listings): string[] {
  if (args.length === 0) return [];
  const missing = ['from', 'to'].filter((word) => !args.includes(word));
  if (missing.length === 0) return ['for'];
  const currencies = new Set(accountsOf(listings).map(({ currency }) => currency));
  const known = [...currencies].filter((currency) => scaleOf(currency) !== undefined);
  return args.length === 1 ? [...missing, ...known] : missing;
}

/** Participants first, and accounts that can go without; then all accounts of a participant. */
function accountOffers(typed: string, listings: Listings): string[] {
  const paths = accountsOf(listings).map(({ path }) => path);
  if (typed.includes('/')) return paths.map((path) => `${path} `);
  const holders = new Map<string, number>();
  for (const id of paths.map(idOf)) holders.set(id, (holders.get(id) ?? 0) + 1);
  const alone = [...holders].filter(([, count]) => count === 1).map(([id]) => `${id} `);
  return [...alone, ...Array.from(listings.keys(), (name) => `${name}/`)];
}
