import { useMemo, useState } from 'preact/hooks';
import type { TransferFilter } from '../../sdk/index.ts';
import { participants } from '../nodes.ts';
import { AccountChoices, accountChoices } from '../parts/account-choice.tsx';
import { SendForm } from '../parts/send-form.tsx';
import { TransferList } from '../parts/transfer-list.tsx';
import { hrefOf } from '../router.ts';

/** Sends transfers, and shows those that there are. */
export function Transfers() {
  const [text, setText] = useState(noFilter);
  const filter = useMemo(() => filterOf(text), [text]);
  return (
    <>
      <h1>Transfers</h1>
      <AccountChoices />
      <section aria-labelledby="send">
        <h2 id="send">Send a transfer</h2>
        <SendForm />
      </section>
      <section aria-labelledby="all">
        <h2 id="all">All transfers, as they happen</h2>
        <Search />
        <Filters text={text} onChange={setText} />
        <TransferList key={JSON.stringify(filter)} filter={filter} />
      </section>
    </>
  );
}

interface FilterText {
  readonly state: string;
  readonly participant: string;
  readonly account: string;
  readonly reference: string;
}

const noFilter: FilterText = { state: '', participant: '', account: '', reference: '' };

const states = ['preparing', 'committed', 'aborted'] as const;

function filterOf({ state: typed, participant, account, reference }: FilterText): TransferFilter {
  const state = states.find((one) => one === typed);
  return {
    ...(state && { state }),
    ...(participant !== '' && { participant }),
    ...(account !== '' && { account }),
    ...(reference !== '' && { reference }),
  };
}

function Search() {
  const [id, setId] = useState('');
  return (
    <form
      role="search"
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== '') location.hash = hrefOf('transfers', id);
      }}
    >
      <div class="field">
        <label for="search">Find one by its id</label>
        <input
          id="search"
          type="search"
          placeholder="k3f9q2ma-1-42"
          spellcheck={false}
          value={id}
          onInput={(event) => {
            setId(event.currentTarget.value.trim());
          }}
        />
      </div>
      <button type="submit" class="field">
        Find
      </button>
    </form>
  );
}

interface FiltersProps {
  readonly text: FilterText;
  readonly onChange: (text: FilterText) => void;
}

function Filters({ text, onChange }: FiltersProps) {
  const change = (more: Partial<FilterText>) => {
    onChange({ ...text, ...more });
  };
  const names = participants.value.map(({ name }) => name);
  return (
    <div class="row" role="group" aria-label="Filters">
      <Choice
        label="State"
        value={text.state}
        choices={states}
        onChange={(state) => {
          change({ state });
        }}
      />
      <Choice
        label="Participant"
        value={text.participant}
        choices={names}
        onChange={(participant) => {
          change({ participant });
        }}
      />
      <Typed
        label="Account"
        value={text.account}
        list={accountChoices}
        onChange={(account) => {
          change({ account });
        }}
      />
      <Typed
        label="Reference"
        value={text.reference}
        onChange={(reference) => {
          change({ reference });
        }}
      />
      <button
        type="button"
        class="field"
        onClick={() => {
          onChange(noFilter);
        }}
      >
        Show all
      </button>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, choices, onChange }: ChoiceProps) {
  const id = `filter-${label.toLowerCase()}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        <option value="">any</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </div>
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string;
  readonly list?: string;
  readonly onChange: (value: string) => void;
}

/** Taken when one has typed it whole: a part of a name finds nothing. */
function Typed({ label, value, list, onChange }: TypedProps) {
  const id = `filter-${label.toLowerCase()}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        list={list}
        value={value}
        placeholder="any"
        spellcheck={false}
        onChange={(event) => {
          onChange(event.currentTarget.value.trim());
        }}
      />
    </div>
  );
}
