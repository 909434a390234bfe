/** What `unanimous doctor` has found out about one thing. */
export interface Check {
  /** What was looked at, such as `disk`. */
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly advice?: string;
}

/** All is well. */
export const ok = (name: string, found: string): Check => ({ name, state: 'ok', found });

/** The node works, but not as well as it could, or not for long. */
export const warn = (name: string, found: string, advice: string): Check => ({
  ...{ name, state: 'warn', found, advice },
});

/** The node cannot start, or not do its work. */
export const fail = (name: string, found: string, advice: string): Check => ({
  ...{ name, state: 'fail', found, advice },
});

/** What an error says. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
