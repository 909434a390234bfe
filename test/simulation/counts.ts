/** What has really happened in simulations, by kind: a fault that hit nothing proves nothing. */
export type Counts = Record<string, number>;

export function addCounts(sum: Counts, counts: Counts): void {
  for (const [kind, count] of Object.entries(counts)) sum[kind] = (sum[kind] ?? 0) + count;
}
