import type { ParticipantInfo } from '../../sdk/index.ts';
import { following, recent } from '../live.ts';
import { participants, reached } from '../nodes.ts';
import { hrefOf } from '../router.ts';
import { Ago } from './ago.tsx';
import { StateBadge, type BadgeState } from './state-badge.tsx';

/** Each node with what it is doing. */
export function NodeCards() {
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      <div class="cards">
        <CoordinatorCard />
        {participants.value
          .toSorted((one, other) => (one.name < other.name ? -1 : 1))
          .map((one) => (
            <ParticipantCard key={one.name} participant={one} />
          ))}
      </div>
      {participants.value.length === 0 && reached.value.state === 'here' && (
        <p class="quiet">
          No participant has registered yet: start one with <code>unanimous participant</code>, and
          it appears here.
        </p>
      )}
    </section>
  );
}

function CoordinatorCard() {
  const now = reached.value;
  const health: Readonly<Record<typeof now.state, BadgeState>> = {
    asking: 'unknown',
    here: 'up',
    refused: 'up',
    away: 'down',
  };
  const stream = following.value;
  const open = recent.value.filter(({ state }) => state === 'preparing').length;
  return (
    <article class="card">
      <h3>
        Coordinator <StateBadge state={health[now.state]} />
      </h3>
      <dl class="facts">
        <Fact
          name="Answers this page within"
          value={now.state === 'here' ? ms(now.latencyMs) : '–'}
        />
        <Fact name="In flight (not decided)" value={String(open)} />
        <Fact
          name="Start (epoch)"
          value={stream.state === 'following' ? String(stream.epoch) : '–'}
        />
      </dl>
    </article>
  );
}

/** The list of what is in doubt at a participant is cut off here. */
const mostInDoubt = 100;

interface ParticipantCardProps {
  readonly participant: ParticipantInfo & { readonly latencyMs?: number };
}

function ParticipantCard({ participant }: ParticipantCardProps) {
  const { name, health, inDoubt, lastSeenAt, latencyMs, quarantined } = participant;
  const open = recent.value.filter(({ state, participants: them }) => {
    return state === 'preparing' && them.some((one) => one.name === name);
  });
  // Nobody else can say how it is.
  const healthNow = reached.value.state === 'here' ? health : 'unknown';
  const doubt = `${inDoubt.length}${inDoubt.length === mostInDoubt ? ' or more' : ''}`;
  return (
    <article class="card">
      <h3>
        <a href={hrefOf('accounts', name)}>{name}</a>{' '}
        <StateBadge state={quarantined ? 'quarantined' : healthNow} />
      </h3>
      <dl class="facts">
        <Fact
          name="Answers the coordinator within"
          value={latencyMs === undefined ? '–' : ms(latencyMs)}
        />
        <Fact name="In flight (not decided)" value={String(open.length)} />
        <Fact name="In doubt (promised, not confirmed)" value={doubt} />
        <div>
          <dt>Last answered</dt>
          <dd>{lastSeenAt === null ? 'not yet' : <Ago at={lastSeenAt} />}</dd>
        </div>
      </dl>
    </article>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
