import { useState } from 'preact/hooks';
import type { Branch } from '../../sdk/index.ts';
import { participant } from '../api.ts';
import { describe } from '../doubt.ts';
import { DamageList } from './damage-list.tsx';
import { OperatorKey, textOf } from './operator-key.tsx';
import { Problem } from './problem.tsx';
import { Reason } from './resolve-form.tsx';
import { useSending } from './sending.ts';

interface DismissFormProps {
  /** Of the participant. */
  readonly name: string;
  readonly branch: Branch;
  readonly damage: NonNullable<Branch['damage']>;
  readonly onDone: (branch: Branch) => void;
}

/** Ends a damage report, by bookings or without. */
export function DismissForm({ name, branch: { id }, damage, onDone }: DismissFormProps) {
  const [compensate, setCompensate] = useState<boolean>();
  const { isUnderWay, error, onSubmit } = useSending((form) => {
    if (compensate === undefined) throw new Error('broken invariant: a choice is made');
    const how = { compensate, reason: textOf(form, 'reason') };
    return participant(name, 'operator').dismiss(id, how);
  }, onDone);
  const choices = [
    { value: true, says: 'Book it here', about: describe(damage.entries) },
    { value: false, says: 'Book nothing', about: 'it was made right elsewhere' },
  ];
  return (
    <section aria-labelledby="dismiss">
      <h2 id="dismiss">Make it right</h2>
      <DamageList name={name} damage={damage} />
      <ul class="prose">
        <li>
          If an account cannot take what is booked (the money is spent), nothing is changed: bring
          money there first.
        </li>
        <li>
          Never book nothing just to be rid of the report: the totals stay wrong, and nobody sees
          why. Never make it right by a transfer of your own and leave the report: somebody books it
          again.
        </li>
      </ul>
      <form class="card settle" onSubmit={onSubmit}>
        <fieldset>
          <legend>How it is made right</legend>
          {choices.map(({ value, says, about }) => (
            <label class="choice" key={says}>
              <input
                type="radio"
                name="compensate"
                required
                checked={compensate === value}
                onChange={() => {
                  setCompensate(value);
                }}
              />
              <span>
                <strong>{says}</strong>: {about}
              </span>
            </label>
          ))}
        </fieldset>
        <Reason />
        <OperatorKey />
        {error !== undefined && <Problem error={error} what="The report stays." />}
        <button type="submit" class="main" disabled={isUnderWay}>
          {isUnderWay ? 'Dismissing …' : 'Dismiss the report'}
        </button>
      </form>
    </section>
  );
}
