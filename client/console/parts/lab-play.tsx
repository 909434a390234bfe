import { useEffect, useRef } from 'preact/hooks';
import type { Play } from '../../sdk/index.ts';
import { lab } from '../lab.ts';
import { isOver, nextStepOf, sentence, standingOf, titleOf } from '../lab-words.ts';
import { SequenceDiagram } from './sequence-diagram.tsx';

const looks = { playing: 'wait', waiting: 'wait', passed: 'good', failed: 'bad' } as const;

/** A scenario as it plays: its story, what becomes of its transfers, and how it ends. */
export function LabPlay({ play }: { readonly play: Play }) {
  const { scenario, about, state } = play;
  return (
    <section class="card lab-play" aria-labelledby="lab-play">
      <h3 id="lab-play" tabIndex={-1}>
        {titleOf(scenario)}
      </h3>
      <p>{sentence(about)}</p>
      <p>
        <strong class={looks[state]}>{standingOf(play)}</strong>
      </p>
      <PlayButtons play={play} />
      <div class="lab-stage">
        <Story play={play} />
        <Diagrams play={play} />
      </div>
    </section>
  );
}

function PlayButtons({ play }: { readonly play: Play }) {
  const isWaiting = play.state === 'waiting' && !lab.goesOn.value;
  return (
    <div class="row">
      {play.stepped && !isOver(play) && (
        <>
          <button
            type="button"
            class="main"
            aria-disabled={!isWaiting}
            onClick={() => {
              if (isWaiting) void lab.step();
            }}
          >
            Next step
          </button>
          <button
            type="button"
            aria-pressed={lab.goesOn.value}
            onClick={() => {
              lab.goesOn.value = !lab.goesOn.value;
            }}
          >
            Play on
          </button>
        </>
      )}
      <button
        type="button"
        onClick={() => {
          // This button is gone then.
          void lab.end().then(() => document.getElementById('lab-scenarios')?.focus());
        }}
      >
        {isOver(play) ? 'Put away' : 'End it'}
      </button>
    </div>
  );
}

/** Line by line, as it is told; read out as it grows. */
function Story({ play }: { readonly play: Play }) {
  const box = useRef<HTMLDivElement>(null);
  const { lines } = play;
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines.length, play.state]);
  const next = nextStepOf(play);
  return (
    <div class="lab-story" role="log" aria-label="The story" tabIndex={0} ref={box}>
      <ol>
        {lines.map(({ kind, text }, at) => (
          <li key={at} class={at === next ? 'next' : kind}>
            {at === next && <strong>Next: </strong>}
            {kind === 'fact' && <span class="good">✓ </span>}
            {text}
          </li>
        ))}
      </ol>
      {isOver(play) && <p class={looks[play.state]}>{standingOf(play)}</p>}
    </div>
  );
}

/** The newest transfer, and those before it on demand. */
function Diagrams({ play: { timelines } }: { readonly play: Play }) {
  const newest = timelines.at(-1);
  const earlier = timelines.slice(0, -1).reverse();
  return (
    <div class="lab-diagrams">
      <h4>Its transfer{timelines.length > 1 && 's, the newest first'}</h4>
      {newest ? (
        <SequenceDiagram timeline={newest} />
      ) : (
        <p class="quiet">Its cluster has none yet. The diagram moves as soon as one begins.</p>
      )}
      {earlier.map((timeline) => (
        <details key={timeline.id}>
          <summary>
            {timeline.id}, {timeline.state}
          </summary>
          <SequenceDiagram timeline={timeline} />
        </details>
      ))}
    </div>
  );
}
