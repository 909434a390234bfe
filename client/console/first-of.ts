/** The beginning of a list. */
export interface Beginning<T> {
  readonly items: readonly T[];
  /** The list goes on. */
  readonly more: boolean;
}

/** Reads at most `most` items, and whether there is one more. */
export async function firstOf<T>(list: AsyncIterable<T>, most: number): Promise<Beginning<T>> {
  const items: T[] = [];
  for await (const item of list) {
    if (items.length === most) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}
