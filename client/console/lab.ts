/** The lab of this page, and the questions that keep it up to date. */
import { connectLab } from '../sdk/index.ts';
import { origin } from './api.ts';
import { LabClient } from './lab-client.ts';
import { route } from './router.ts';

/** Milliseconds. */
const pauses = {
  /** Between two looks. */
  look: 1_000,
  /** The same, at a play. */
  play: 300,
  /** The longest wait for an answer that is not said to take its time. */
  answer: 5_000,
};

export const lab = new LabClient(connectLab(origin, { timeoutMs: pauses.answer }), () =>
  performance.now(),
);

const isWatched = () => route.value[0] === 'lab' && !document.hidden;

/** Looks until it is known that there is no lab, or until the page is closed. */
export async function followLab(): Promise<void> {
  while (lab.isHere.value !== false) {
    if (lab.isHere.value === undefined || isWatched()) await lab.look();
    await pause(pauses.look);
  }
}

/** Follows what plays, in the same way. */
export async function followPlays(): Promise<void> {
  while (lab.isHere.value !== false) {
    if (isWatched()) await lab.followPlay();
    await pause(pauses.play);
  }
}

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));
