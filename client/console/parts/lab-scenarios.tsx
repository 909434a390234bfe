import { useSignal } from '@preact/signals';
import type { Scenario } from '../../sdk/index.ts';
import { lab } from '../lab.ts';
import { isOver, sentence, titleOf } from '../lab-words.ts';
import { LabPlay } from './lab-play.tsx';

/** The stories of faults, each a button; and the one that plays. */
export function LabScenarios() {
  const isStepped = useSignal(true);
  const play = lab.play.value;
  const isTaken = play !== undefined && !isOver(play);
  const all = lab.scenarios.value;
  const list = (original: boolean) => (
    <ul class="cards lab-scenarios">
      {all
        .filter((scenario) => scenario.original === original)
        .map((scenario) => (
          <Story key={scenario.name} {...{ scenario, isTaken, isStepped: isStepped.value }} />
        ))}
    </ul>
  );
  return (
    <section aria-labelledby="lab-scenarios">
      <h2 id="lab-scenarios" tabIndex={-1}>
        Scenarios
      </h2>
      <p>
        Each plays on a cluster of its own, which is gone at its end: what you have done above does
        not touch it.
      </p>
      <p>
        <label>
          <input
            type="checkbox"
            checked={isStepped.value}
            onChange={({ currentTarget }) => {
              isStepped.value = currentTarget.checked;
            }}
          />{' '}
          Wait before each step
        </label>
      </p>
      {isTaken && <p class="quiet">One plays: end it before you begin another.</p>}
      {play && <LabPlay play={play} />}
      <h3>Four that two-phase commit is explained by</h3>
      {list(true)}
      <h3>More faults</h3>
      {list(false)}
    </section>
  );
}

interface StoryProps {
  readonly scenario: Scenario;
  readonly isTaken: boolean;
  readonly isStepped: boolean;
}

function Story({ scenario: { name, about }, isTaken, isStepped }: StoryProps) {
  return (
    <li class="card">
      <button
        type="button"
        aria-disabled={isTaken}
        aria-describedby={`about-${name}`}
        onClick={() => {
          if (isTaken) return;
          void lab.begin(name, isStepped).then(() => document.getElementById('lab-play')?.focus());
        }}
      >
        {titleOf(name)}
      </button>
      <p id={`about-${name}`}>{sentence(about)}</p>
    </li>
  );
}
