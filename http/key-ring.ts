import { createHash, timingSafeEqual } from 'node:crypto';
import { keyRoles, keySetOf, type KeyRole, type Keys, type KeySet } from './keys.ts';

/** The keys of a node: whoever asks gets those that count now, also after they were replaced. */
export class KeyRing {
  #keys: KeySet;
  #digests: readonly (readonly [KeyRole, Buffer])[];
  readonly #listeners = new Set<() => void>();

  constructor(keys: KeySet | Keys) {
    this.#keys = keySetOf(keys);
    this.#digests = digestsOf(this.#keys);
  }

  /** From now on these are valid, and no others. */
  replace(keys: KeySet): void {
    this.#keys = keys;
    this.#digests = digestsOf(keys);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` after each `replace`, until the function that it gives is called. */
  onReplaced(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What whoever has this role sends: the first key and, while they are rotated, the second. */
  sent(role: KeyRole): readonly string[] {
    return this.#keys[role];
  }

  /** How many keys each role has. */
  count(): Record<string, number> {
    return Object.fromEntries(keyRoles.map((role) => [role, this.sent(role).length]));
  }

  /**
   * The role whose key `token` is, or null. It takes the same time for every wrong token: digests
   * of equal length are compared, and with every key, whichever matches.
   */
  roleOf(token: string): KeyRole | null {
    const offered = digest(token);
    let role: KeyRole | null = null;
    for (const [candidate, expected] of this.#digests) {
      if (timingSafeEqual(offered, expected)) role = candidate;
    }
    return role;
  }
}

const digestsOf = (keys: KeySet) =>
  keyRoles.flatMap((role) => keys[role].map((key) => [role, digest(key)] as const));

const digest = (text: string) => createHash('sha256').update(text).digest();
