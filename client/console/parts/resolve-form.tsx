import { useState } from 'preact/hooks';
import type { Branch } from '../../sdk/index.ts';
import { participant } from '../api.ts';
import { describe } from '../doubt.ts';
import { verbOf, type Decision, type Verdict } from '../verdict.ts';
import { OperatorKey, textOf } from './operator-key.tsx';
import { Problem } from './problem.tsx';
import { useSending } from './sending.ts';

interface ResolveFormProps {
  /** Of the participant. */
  readonly name: string;
  readonly branch: Branch;
  readonly verdict: Verdict;
  readonly onDone: (branch: Branch) => void;
}

/** Settles by hand what is in doubt: never by one click, and never without its warnings. */
export function ResolveForm({ name, branch, verdict, onDone }: ResolveFormProps) {
  const { id, legs } = branch;
  const [outcome, setOutcome] = useState<Decision>();
  const { isUnderWay, error, onSubmit } = useSending((form) => {
    if (outcome === undefined) throw new Error('broken invariant: an outcome is chosen');
    const how = { outcome, reason: textOf(form, 'reason') };
    return participant(name, 'operator').resolve(id, how);
  }, onDone);
  const choices = [
    { value: 'committed', about: `books it here at once: ${describe(legs)}` },
    { value: 'aborted', about: `gives it up here: nothing is booked, nothing is held any more` },
  ] as const;
  return (
    <section aria-labelledby="resolve">
      <h2 id="resolve">Settle it by hand</h2>
      <Warnings name={name} />
      <form class="card settle" onSubmit={onSubmit}>
        <fieldset>
          <legend>What to do with it at {name}</legend>
          {choices.map(({ value, about }) => (
            <label class="choice" key={value}>
              <input
                type="radio"
                name="outcome"
                required
                checked={outcome === value}
                onChange={() => {
                  setOutcome(value);
                }}
              />
              <span>
                <strong>{verbOf(value)}</strong>: {about}
              </span>
            </label>
          ))}
        </fieldset>
        <div role="status">
          {outcome && verdict.decision && verdict.decision !== outcome && (
            <p class="bad">
              <strong>This is wrong for certain:</strong> {verdict.by} has it as {verdict.decision}.
              As soon as {name} hears that, it reports damage.
            </p>
          )}
        </div>
        <Reason />
        <OperatorKey />
        <div class="field">
          <label for="confirmed">To confirm, type the transfer’s id: {id}</label>
          <input
            id="confirmed"
            autocomplete="off"
            spellcheck={false}
            required
            onInput={({ currentTarget: input }) => {
              input.setCustomValidity(input.value.trim() === id ? '' : `It is not ${id}.`);
            }}
          />
        </div>
        {error !== undefined && <Problem error={error} what="It could not be settled." />}
        <button type="submit" class="main" disabled={isUnderWay}>
          {isUnderWay ? 'Settling …' : `Settle it at ${name}`}
        </button>
      </form>
    </section>
  );
}

function Warnings({ name }: { readonly name: string }) {
  return (
    <ul class="prose">
      <li>
        This is a guess at the decision, made for {name} alone: no other participant follows it, and
        the coordinator does not hear of it.
      </li>
      <li>
        If the decision is the other one, money is missing or doubled until the damage is made
        right: what was booked may have been spent by then.
      </li>
      <li>
        Ask the coordinator first. If it is down, start it on its store, wherever that can run: it
        knows the decision, and tells everyone within seconds.
      </li>
      <li>
        Never because it takes long, never what the coordinator still knows, and never one transfer
        differently at two participants.
      </li>
    </ul>
  );
}

/** Why an operator does something, for the record. */
export function Reason() {
  return (
    <div class="field">
      <label for="reason">Why, for the record</label>
      <input
        id="reason"
        name="reason"
        required
        pattern=".*\S.*"
        title="a reason in words"
        maxLength={500}
      />
    </div>
  );
}
