/** The lab of this page, and the questions that keep it up to date. */
import { connectLab } from '../sdk/index.ts';
import { isServedByLab, origin } from './api.ts';
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

/** Follows the lab, and what plays in it, until the page is closed; if it has one. */
export async function followLab(): Promise<void> {
  for (;;) {
    lab.isHere.value = await isServedByLab();
    if (lab.isHere.value !== undefined) break;
    await pause(pauses.look);
  }
  if (!lab.isHere.value) return;
  void followPlays();
  await lab.look();
  for (;;) {
    await pause(pauses.look);
    if (isWatched()) await lab.look();
  }
}

async function followPlays(): Promise<void> {
  for (;;) {
    if (isWatched()) await lab.followPlay();
    await pause(pauses.play);
  }
}

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));
