import type { BranchState, ParticipantInfo, TransferState } from '../../sdk/index.ts';

/** What a badge can say: of a transfer, of a branch, or of a node. */
export type BadgeState = TransferState | BranchState | ParticipantInfo['health'] | 'quarantined';

/** How each looks, with a sign for those who cannot tell the colours. */
const looks: Readonly<Record<BadgeState, { readonly look: string; readonly sign: string }>> = {
  preparing: { look: 'wait', sign: '…' },
  prepared: { look: 'wait', sign: '?' },
  committed: { look: 'good', sign: '✓' },
  aborted: { look: 'bad', sign: '✕' },
  resolved: { look: 'wait', sign: '!' },
  damaged: { look: 'bad', sign: '!' },
  up: { look: 'good', sign: '✓' },
  down: { look: 'bad', sign: '✕' },
  unknown: { look: 'quiet', sign: '?' },
  quarantined: { look: 'bad', sign: '!' },
};

/** A state in a word, with its colour and its sign. */
export function StateBadge({ state }: { readonly state: BadgeState }) {
  const { look, sign } = looks[state];
  return (
    <span class={`badge ${look}`}>
      <span aria-hidden="true">{sign}</span> {state}
    </span>
  );
}
