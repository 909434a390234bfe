/** Which transfers count for whom: for a participant, or for a client. */
export class Tally {
  readonly #ids = new Map<string, Set<string>>();

  add(name: string, id: string): void {
    const known = this.#ids.get(name);
    if (known) known.add(id);
    else this.#ids.set(name, new Set([id]));
  }

  /** Whoever has none left is forgotten. */
  remove(name: string, id: string): void {
    const known = this.#ids.get(name);
    known?.delete(id);
    if (known?.size === 0) this.#ids.delete(name);
  }

  count(name: string): number {
    return this.#ids.get(name)?.size ?? 0;
  }
}
