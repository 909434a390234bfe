/** The time of day for everything on the page that says how long ago something was. */
import { signal } from '@preact/signals';

/** Between two looks at the clock. Milliseconds. */
const tickMs = 1_000;

/** Milliseconds since 1970, of this machine, moved on every second. */
export const clock = signal(Date.now());

setInterval(() => {
  clock.value = Date.now();
}, tickMs);
