/** Milliseconds as people read them: hundredths below a second, and no more than that above. */
export function ms(value: number): string {
  if (value < 1_000) return `${value.toFixed(2)} ms`;
  return `${(value / 1_000).toFixed(value < 100_000 ? 2 : 0)} s`;
}
