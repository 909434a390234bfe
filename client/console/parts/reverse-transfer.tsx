import { useState } from 'preact/hooks';
import { formatAmount } from '../../cli/amounts.ts';
import { ApiError, type Outcome, type ReversalRequest, type Transfer } from '../../sdk/index.ts';
import { coordinator } from '../api.ts';
import { partialReversal, wholeReversal } from '../reversal.ts';
import { hrefOf } from '../router.ts';
import { newKey } from '../send.ts';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

/** Moves back what a transfer has moved, the whole or a part, by a transfer of its own. */
export function ReverseTransfer({ transfer }: { readonly transfer: Transfer }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setOpen(true);
        }}
      >
        Reverse…
      </button>
      {open && (
        <ReverseDialog
          transfer={transfer}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

/** What is to be sent, under which key, once a person has said yes to `moves`. */
interface Asked {
  readonly request: ReversalRequest;
  readonly moves: readonly string[];
  readonly idempotencyKey: string;
}

/** By transfer: what was sent, and has no known outcome yet; it outlives the dialog. */
const open = new Map<string, Asked>();

/** What is asked for, and what became of it. */
function useReversal({ id }: Transfer) {
  const [asked, ask] = useState(open.get(id));
  const [outcome, setOutcome] = useState<Outcome>();
  const [error, setError] = useState<unknown>();
  const [isUnderWay, setUnderWay] = useState(false);
  const send = async (written: Asked) => {
    const { request, idempotencyKey } = written;
    setUnderWay(true);
    setError(undefined);
    open.set(id, written);
    try {
      const result = await coordinator().reverse(id, request, { idempotencyKey });
      if (result.state !== 'unknown') open.delete(id);
      setOutcome(result);
    } catch (failed) {
      if (failed instanceof ApiError && failed.definite) open.delete(id);
      setError(failed);
    }
    setUnderWay(false);
  };
  const change = () => {
    ask(undefined);
    setError(undefined);
  };
  return { asked, ask, outcome, error, isUnderWay, isOpen: open.has(id), send, change };
}

function ReverseDialog({ transfer, onClose }: { transfer: Transfer; onClose: () => void }) {
  const reversal = useReversal(transfer);
  const { asked, outcome, error, isUnderWay, isOpen } = reversal;
  const isOver = outcome !== undefined && outcome.state !== 'unknown';
  return (
    <Dialog title="Reverse this transfer" onClose={onClose}>
      <ReversalForm
        transfer={transfer}
        hidden={asked !== undefined}
        onWritten={(written) => {
          reversal.ask({ ...written, idempotencyKey: newKey() });
        }}
      />
      {asked !== undefined && (
        <>
          <p>A new transfer will move:</p>
          <ul>
            {asked.moves.map((move) => (
              <li>{move}</li>
            ))}
          </ul>
        </>
      )}
      <div role="status">{outcome && <OutcomeInWords outcome={outcome} />}</div>
      {isOpen && !isUnderWay && outcome === undefined && error === undefined && (
        <p class="wait">
          It was sent, and what became of it is not known. Ask again; it is never done twice.
        </p>
      )}
      {error !== undefined && <Problem error={error} what="It was not reversed." />}
      <div class="row">
        {asked !== undefined && !isOver && (
          <>
            <button
              class="main"
              type="button"
              disabled={isUnderWay}
              onClick={() => void reversal.send(asked)}
            >
              {isOpen && !isUnderWay ? 'Ask again' : 'Move it back'}
            </button>
            {!isOpen && (
              <button type="button" disabled={isUnderWay} onClick={reversal.change}>
                Change it
              </button>
            )}
          </>
        )}
        {asked === undefined && (
          <button class="main" type="submit" form="reversal">
            Go on
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

interface FormProps {
  readonly transfer: Transfer;
  readonly hidden: boolean;
  readonly onWritten: (written: Omit<Asked, 'idempotencyKey'>) => void;
}

function ReversalForm({ transfer: { legs }, hidden, onWritten }: FormProps) {
  const [whole, setWhole] = useState(true);
  const [texts, setTexts] = useState<readonly string[]>(legs.map(() => ''));
  const [reference, setReference] = useState('');
  const [errors, setErrors] = useState<ReadonlyMap<number, string>>(new Map());
  const submit = (event: Event) => {
    event.preventDefault();
    const written = whole
      ? wholeReversal(legs, reference)
      : partialReversal(legs, texts, reference);
    if ('errors' in written) {
      setErrors(written.errors);
      return;
    }
    setErrors(new Map());
    onWritten(written);
  };
  const choice = (label: string, value: boolean) => (
    <label class="choice">
      <input
        type="radio"
        name="how-much"
        checked={whole === value}
        onChange={() => {
          setWhole(value);
        }}
      />{' '}
      {label}
    </label>
  );
  return (
    <form id="reversal" hidden={hidden} onSubmit={submit} noValidate>
      <fieldset>
        <legend>How much</legend>
        {choice('All that is left of it', true)}
        {choice('A part', false)}
      </fieldset>
      {!whole && <Parts legs={legs} texts={texts} errors={errors} onWrite={setTexts} />}
      <div class="field">
        <label for="reversal-reference">Reference (may stay empty)</label>
        <input
          id="reversal-reference"
          maxLength={140}
          value={reference}
          onInput={({ currentTarget: { value } }) => {
            setReference(value);
          }}
        />
      </div>
    </form>
  );
}

interface PartsProps extends Pick<Transfer, 'legs'> {
  readonly texts: readonly string[];
  readonly errors: ReadonlyMap<number, string>;
  readonly onWrite: (texts: readonly string[]) => void;
}

/** A field for the amount of each leg. */
function Parts({ legs, texts, errors, onWrite }: PartsProps) {
  return (
    <>
      {legs.map(({ from, to, amount, currency }, leg) => (
        <div class="field" key={leg}>
          <label for={`part-${leg}`}>
            Back from {to} to {from}, of {formatAmount(amount, currency)} {currency}
          </label>
          <input
            id={`part-${leg}`}
            inputMode="decimal"
            autocomplete="off"
            value={texts[leg] ?? ''}
            aria-invalid={errors.has(leg)}
            aria-describedby={errors.has(leg) ? `wrong-${leg}` : undefined}
            onInput={({ currentTarget: { value } }) => {
              onWrite(texts.map((text, index) => (index === leg ? value : text)));
            }}
          />
          {errors.has(leg) && (
            <p id={`wrong-${leg}`} class="bad" role="alert">
              {errors.get(leg)}
            </p>
          )}
        </div>
      ))}
    </>
  );
}

function OutcomeInWords({ outcome }: { readonly outcome: Outcome }) {
  switch (outcome.state) {
    case 'committed':
    case 'preparing':
      return (
        <p class="good">
          {outcome.state === 'committed' ? 'It is moved back' : 'It is being moved back'}, by{' '}
          <a href={hrefOf('transfers', outcome.id)}>{outcome.id}</a>.
        </p>
      );
    case 'aborted':
      return (
        <p class="bad">
          Nothing was moved back, as <a href={hrefOf('transfers', outcome.id)}>{outcome.id}</a> was
          aborted. {outcome.title}: {outcome.detail}
        </p>
      );
    case 'unknown':
      return (
        <p class="wait">
          What became of it is not known: {outcome.error.message}. Ask again; it is never done
          twice.
        </p>
      );
  }
}
