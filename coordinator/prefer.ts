/** What a client prefers (RFC 7240), as far as the coordinator honours it. */
export interface Preference {
  readonly respondAsync: boolean;
  /** How long it wants to wait, 0 to 60 000 milliseconds. */
  readonly waitMs: number | undefined;
  /** For `Preference-Applied`; empty if nothing was honoured. */
  readonly applied: string;
}

const mostSeconds = 60;

/** Reads a `Prefer` header. Unknown preferences are ignored, as RFC 7240 asks. */
export function readPrefer(header: string | undefined): Preference {
  const tokens = (header ?? '').split(',').map((token) => token.trim().toLowerCase());
  const respondAsync = tokens.includes('respond-async');
  const wait = tokens.map((token) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(token)?.[1]).find(Boolean);
  const seconds = wait === undefined ? undefined : Math.min(Number(wait), mostSeconds);
  const applied = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(seconds === undefined ? [] : [`wait=${seconds}`]),
  ];
  return {
    respondAsync,
    waitMs: seconds === undefined ? undefined : seconds * 1000,
    applied: applied.join(', '),
  };
}
