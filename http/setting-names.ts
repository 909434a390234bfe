/** `voteTimeoutMs` → `--vote-timeout-ms`. */
export const flagName = (name: string) =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** `voteTimeoutMs` → `UNANIMOUS_VOTE_TIMEOUT_MS`. */
export const variableName = (name: string) =>
  `UNANIMOUS_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
