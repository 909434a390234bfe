import { concernsOf, damageConcerns, type Concern } from '../attention.ts';
import { spanOf } from '../ago.ts';
import { reached } from '../nodes.ts';
import { participants } from '../nodes.ts';
import { hrefOf } from '../router.ts';
import { snapshots } from '../snapshots.ts';
import { clock } from './clock.ts';
import { waiting } from './waiting.ts';

/** What somebody has to look at now. */
export function Attention() {
  const concerns = [
    ...aboutCoordinator(),
    ...concernsOf(participants.value, waiting.value, clock.value),
    ...damageConcerns(snapshots.value.now?.snapshot.damage ?? []),
  ];
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">What needs attention</h2>
      <p role="status" class={concerns.length === 0 ? 'good' : 'hidden'}>
        {inWords(concerns.length)}
      </p>
      <ul class="concerns">
        {concerns.map(({ look, text, link }) => (
          <li class={`concern ${look}`}>
            <span aria-hidden="true">{look === 'bad' ? '✕' : '?'}</span> {text}{' '}
            {link && <a href={hrefOf(...link.path)}>{link.text}</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function inWords(count: number): string {
  if (reached.value.state === 'asking') return 'Asking the coordinator…';
  if (count === 0) return '✓ Nothing: all nodes answer, and nobody waits.';
  return count === 1 ? 'One thing needs attention.' : `${count} things need attention.`;
}

function aboutCoordinator(): Concern[] {
  const now = reached.value;
  if (now.state === 'refused') {
    const link = { text: 'Give a key', path: ['keys'] };
    return [{ look: 'bad', text: `The coordinator refuses: ${now.why}.`, link }];
  }
  if (now.state !== 'away') return [];
  // Both on the clock of the page; the signal is what makes this move on.
  const forMs = clock.value - performance.timeOrigin - now.since;
  const text =
    `The coordinator has not answered for ${spanOf(forMs)}. Transfers that are prepared wait for` +
    ' it; what it has decided stays decided, and it goes on when it is back.';
  return [{ look: 'bad', text }];
}
