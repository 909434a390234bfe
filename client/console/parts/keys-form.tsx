import { useState } from 'preact/hooks';
import { keys, setKeys, type Keys } from '../api.ts';
import { badKey } from '../key-text.ts';

/** Where a person gives the keys that the nodes ask for. */
export function KeysForm() {
  const [client, setClient] = useState(keys.value.client ?? '');
  const [operator, setOperator] = useState(keys.value.operator ?? '');
  const [saved, setSaved] = useState('');
  const wrong = { client: badKey(client), operator: badKey(operator) };
  const save = (next: Keys, said: string) => {
    setKeys(next);
    setSaved(said);
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (wrong.client !== undefined || wrong.operator !== undefined) {
      setSaved('Not used: see what is said at the field.');
      return;
    }
    save({ ...(client && { client }), ...(operator && { operator }) }, 'These keys are used now.');
  };
  const onForget = () => {
    setClient('');
    setOperator('');
    save({}, 'Forgotten.');
  };
  return (
    <form onSubmit={onSubmit} autocomplete="off">
      <KeyField
        id="client-key"
        label="Client key"
        hint="To see and to send transfers."
        wrong={wrong.client}
        value={client}
        onInput={setClient}
      />
      <KeyField
        id="operator-key"
        label="Operator key"
        hint="Only to resolve what is in doubt, and to make damage right."
        wrong={wrong.operator}
        value={operator}
        onInput={setOperator}
      />
      <div class="row">
        <button type="submit" class="main">
          Use these keys
        </button>
        <button type="button" onClick={onForget}>
          Forget them
        </button>
      </div>
      <p role="status">{saved}</p>
    </form>
  );
}

interface KeyFieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly wrong: string | undefined;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function KeyField({ id, label, hint, wrong, value, onInput }: KeyFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          onInput(event.currentTarget.value.trim());
        }}
      />
      <div id={`${id}-hint`} class={wrong === undefined ? 'quiet' : 'bad'}>
        {wrong ?? hint}
      </div>
    </div>
  );
}
