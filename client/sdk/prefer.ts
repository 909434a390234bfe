/** What a caller prefers (RFC 7240). */
export interface Preferences {
  /** How long the node may hold its answer: 0 to 60 seconds. */
  readonly waitSeconds?: number | undefined;
  readonly respondAsync?: boolean | undefined;
}

/** The header that says so; none without a preference. */
export function preferHeader(preferences: Preferences): { Prefer?: string } {
  const { waitSeconds, respondAsync } = preferences;
  const said = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`]),
  ];
  return said.length === 0 ? {} : { Prefer: said.join(', ') };
}
