/** Which account a name means, among those that are known. */
import { nearest } from '../nearest.ts';

/** The accounts of one participant, as far as they have been read. */
export interface Listing {
  /** By account. */
  readonly currencies: ReadonlyMap<string, string>;
  /** False while some may be missing. */
  readonly whole: boolean;
}

/** By participant. */
export type Listings = ReadonlyMap<string, Listing>;

/** An account, `participant/account`, and its currency if that is known. */
export interface FoundAccount {
  readonly path: string;
  readonly currency?: string;
}

type Found = FoundAccount | { readonly error: string };

/** Every account that is known. */
export function accountsOf(listings: Listings): Required<FoundAccount>[] {
  return [...listings].flatMap(([participant, { currencies }]) =>
    [...currencies].map(([id, currency]) => ({ path: `${participant}/${id}`, currency })),
  );
}

export const idOf = (path: string) => path.slice(path.indexOf('/') + 1);

/**
 * `alice` where only one participant has such an account, else `bank-a/alice`. Capitals count only
 * where they make the difference. What may exist for all that is known is left to the participant.
 */
export function findAccount(name: string, listings: Listings): Found {
  const slash = name.indexOf('/');
  return slash < 0
    ? findBare(name, listings)
    : findAt(name.slice(0, slash).toLowerCase(), name.slice(slash + 1), listings);
}

function findAt(participant: string, id: string, listings: Listings): Found {
  const path = `${participant}/${id}`;
  const listing = listings.get(participant);
  if (!listing) return none(`participant ${participant}`, path, listings);
  const [match, other] = matching(id, accountsOf(new Map([[participant, listing]])));
  if (match && !other) return match;
  return listing.whole ? none(`account ${path}`, path, listings) : { path };
}

function findBare(name: string, listings: Listings): Found {
  const unread = [...listings]
    .filter(([, { whole }]) => !whole)
    .map(([participant]) => participant);
  if (unread.length > 0) {
    const named = shorten(unread, ', ');
    return { error: `not all accounts of ${named} are known: write PARTICIPANT/${name}` };
  }
  const matches = matching(name, accountsOf(listings));
  const [match, other] = matches;
  if (!match) return none(`account ${name}`, name, listings);
  if (!other) return match;
  return {
    error: `${name} may be ${shorten(
      matches.map(({ path }) => path),
      ' or ',
    )}: write which`,
  };
}

/** Those of exactly this id; if there are none, those with other capitals. */
function matching(id: string, accounts: Required<FoundAccount>[]): Required<FoundAccount>[] {
  const exact = accounts.filter(({ path }) => idOf(path) === id);
  const lower = id.toLowerCase();
  const similar = () => accounts.filter(({ path }) => idOf(path).toLowerCase() === lower);
  return exact.length > 0 ? exact : similar();
}

function none(what: string, name: string, listings: Listings): { error: string } {
  const paths = accountsOf(listings).map(({ path }) => path);
  const close = nearest(name, name.includes('/') ? paths : paths.map(idOf));
  return { error: `there is no ${what}: ${close ? `did you mean ${close}?` : 'see accounts'}` };
}

/** Names for a sentence, not more than one can read. */
export const shorten = (names: readonly string[], joint: string) =>
  names.slice(0, 3).join(joint) + (names.length > 3 ? `${joint}…` : '');
