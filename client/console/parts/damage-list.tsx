import { money } from '../../cli/amounts.ts';
import type { Branch } from '../../sdk/index.ts';
import { hrefOf } from '../router.ts';

interface DamageListProps {
  /** Of the participant. */
  readonly name: string;
  readonly damage: NonNullable<Branch['damage']>;
}

/** What has to be made right, account by account. */
export function DamageList({ name, damage: { state, entries } }: DamageListProps) {
  return (
    <>
      <p>The decision is {state}. What is wrong:</p>
      <ul>
        {entries.map(({ account, amount, currency }) => (
          <li>
            <a href={hrefOf('accounts', name, account)}>{account}</a>{' '}
            {amount > 0
              ? `lacks ${money(amount, currency)}`
              : `has ${money(-amount, currency)} too much`}
          </li>
        ))}
      </ul>
    </>
  );
}
