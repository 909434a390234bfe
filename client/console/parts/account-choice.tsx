import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, type Account } from '../../sdk/index.ts';
import { keys, participant } from '../api.ts';
import { firstOf } from '../first-of.ts';
import { participants } from '../nodes.ts';

/** The element that completes what is typed where an account is asked for. */
export const accountChoices = 'account-choices';

/** Of each participant, so many are offered; others can be typed all the same. */
const mostOffered = 200;

/** An account by its path, as a leg names it. */
type Known = ReadonlyMap<string, Account>;

/** All accounts that are offered. */
export const known = signal<Known>(new Map());

/** Which participants could not say what accounts they have. */
const missing = signal<readonly string[]>([]);

/** What completes an account; once on a page. */
export function AccountChoices() {
  const names = participants.value.map(({ name }) => name);
  useEffect(() => {
    const left = new AbortController();
    void readAll(names, left.signal);
    return () => {
      left.abort();
    };
  }, [names.join(' '), keys.value]);
  return (
    <>
      <datalist id={accountChoices}>
        {[...known.value].map(([path, { currency }]) => (
          <option key={path} value={path}>
            {currency}
          </option>
        ))}
      </datalist>
      {missing.value.length > 0 && (
        <p class="quiet">
          The accounts of {missing.value.join(', ')} cannot be offered now; they can be typed.
        </p>
      )}
    </>
  );
}

async function readAll(names: readonly string[], signal: AbortSignal): Promise<void> {
  const found = await Promise.all(names.map((name) => readOne(name, signal)));
  if (signal.aborted) return;
  known.value = new Map(found.flatMap((accounts) => accounts ?? []));
  missing.value = names.filter((_, at) => found[at] === undefined);
}

/** Undefined if it does not say. */
async function readOne(
  name: string,
  signal: AbortSignal,
): Promise<[string, Account][] | undefined> {
  try {
    const { items } = await firstOf(participant(name).accounts({}, { signal }), mostOffered);
    return items.map((account) => [`${name}/${account.id}`, account]);
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) return undefined;
    throw error;
  }
}
