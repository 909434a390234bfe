/** Forgetting (PROTOCOL.md, forgetting): memory follows what is in flight. Pure. */
import type { State } from './state.ts';
import { isForgotten } from './state.ts';
import type { Watermark, Watermarked } from './records.ts';

/** A watermark is recorded when it is so many transfers ahead of the recorded one. */
const stride = 100;

/**
 * The record that a coordinator's watermark leads to; undefined if it is not worth one yet.
 * @param least how many transfers further than the recorded one it has to be
 */
export function heed(
  state: State,
  { at, store, watermark }: { at: string; store: string; watermark: Watermark },
  least = stride,
): Watermarked | undefined {
  const { epoch, seq } = watermark;
  const known = state.watermarks.get(store) ?? { epoch: 0, seq: 0 };
  const isAhead = epoch > known.epoch || (epoch === known.epoch && seq >= known.seq + least);
  if (!isAhead) return undefined;
  // What was settled may be forgotten here already: listed again, it would be applied again.
  const except = watermark.except.filter((id) => !isForgotten(state, id));
  return { type: 'watermark', at, store, watermark: { epoch, seq, except } };
}

/** Never forgets what is prepared, resolved or damaged: that is not settled here. */
export function applyWatermark(state: State, { store, watermark }: Watermarked): void {
  state.watermarks.set(store, watermark);
  for (const { id, state: is } of state.branches.values()) {
    const isDecided = is === 'committed' || is === 'aborted';
    if (isDecided && isForgotten(state, id)) state.branches.delete(id);
  }
}
