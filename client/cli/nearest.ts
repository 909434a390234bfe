import { distance } from 'fastest-levenshtein';

/** The known name that is most like this one, if it is more like it than not. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let [least, found]: [number, string | undefined] = [Infinity, undefined];
  for (const one of known) {
    const changes = distance(name.toLowerCase(), one.toLowerCase());
    if (changes < least && changes < Math.max(name.length, one.length) / 2) {
      [least, found] = [changes, one];
    }
  }
  return found;
}
