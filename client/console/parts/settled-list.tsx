import type { ComponentChildren } from 'preact';
import { describe, type Placed } from '../doubt.ts';
import { hrefOf } from '../router.ts';
import { Ago } from './ago.tsx';
import { DamageList } from './damage-list.tsx';
import { StateBadge } from './state-badge.tsx';

/** How many are shown. */
const most = 50;

interface SettledListProps {
  readonly title: string;
  readonly branches: readonly Placed[];
  /** What they are. */
  readonly children: ComponentChildren;
}

/** Branches that an operator has settled. */
export function SettledList({ title, branches, children }: SettledListProps) {
  if (branches.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p class="prose">{children}</p>
      <div class="cards">
        {branches.slice(0, most).map((placed) => (
          <SettledCard key={`${placed.participant}/${placed.branch.id}`} {...placed} />
        ))}
      </div>
      {branches.length > most && (
        <p class="quiet">
          {most} of {branches.length} are shown.
        </p>
      )}
    </section>
  );
}

/** A branch that was settled, with what is known of it since. */
function SettledCard({ participant: name, branch }: Placed) {
  const { id, state, legs, resolution, damage } = branch;
  return (
    <article class="card">
      <h3>
        <a href={hrefOf('in-doubt', name, id)}>
          {id} at {name}
        </a>
      </h3>
      <p>
        <StateBadge state={state} /> {describe(legs)}
      </p>
      {resolution && (
        <p>
          Settled as {resolution.outcome} <Ago at={resolution.at} />: {resolution.reason}
        </p>
      )}
      {damage && <DamageList name={name} damage={damage} />}
    </article>
  );
}
