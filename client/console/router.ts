/** Which view is shown: the part of the address behind `#`, such as `#/transfers/k3f9q2ma-1-42`. */
import { signal } from '@preact/signals';

/** The parts of the path, decoded: `['transfers', 'k3f9q2ma-1-42']`. */
export type Route = readonly string[];

const read = (): Route =>
  location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);

/** A part that is not encoded rightly leads nowhere, as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = signal<Route>(read());

addEventListener('hashchange', () => {
  route.value = read();
});

/** The address of a view. */
export const hrefOf = (...parts: readonly string[]): string =>
  `#/${parts.map(encodeURIComponent).join('/')}`;
