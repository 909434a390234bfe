import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { currencies } from '../../cli/amounts.ts';
import { attemptFor, isClosed, type Attempt, type Result } from '../attempt.ts';
import { newKey, send } from '../send.ts';
import {
  fieldErrorsOf,
  readForm,
  type FieldErrors,
  type FieldName,
  type TransferText,
} from '../transfer-form.ts';
import { accountChoices, known } from './account-choice.tsx';
import { SentTransfer } from './sent-transfer.tsx';

const empty: TransferText = { from: '', to: '', amount: '', currency: 'USD', reference: '' };

/** What was sent last, while its outcome is not known; it outlives the form. */
const open = signal<Attempt | undefined>(undefined);

/** Makes a transfer, and shows what becomes of it. */
export function SendForm() {
  const [text, setText] = useState(empty);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [isUnderWay, setUnderWay] = useState(false);
  const [sent, setSent] = useState<{ attempt: Attempt; result: Result }>();
  const change = (field: FieldName, value: string) => {
    const currency = field === 'from' && known.value.get(value)?.currency;
    setText({ ...text, [field]: value, ...(currency && { currency }) });
    setErrors({ ...errors, [field]: undefined });
  };
  const act = async () => {
    const read = readForm(text);
    setErrors('errors' in read ? read.errors : {});
    if ('errors' in read) {
      const first = fields.find(({ name }) => read.errors[name] !== undefined);
      document.getElementById(`send-${first?.name ?? ''}`)?.focus();
      return;
    }
    const attempt = attemptFor(read.request, open.value, newKey);
    open.value = attempt;
    setUnderWay(true);
    const result = await send(attempt);
    setUnderWay(false);
    setSent({ attempt, result });
    if (isClosed(result) && open.value === attempt) open.value = undefined;
    const { problem } = 'error' in result ? result.error : {};
    const said = 'error' in result ? problem?.errors : errorsOf(result);
    setErrors(fieldErrorsOf(said ?? []));
  };
  return (
    <>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isUnderWay) void act();
        }}
      >
        <div class="fields">
          {fields.map((field) => (
            <Field
              key={field.name}
              {...field}
              value={text[field.name]}
              error={errors[field.name]}
              onInput={change}
            />
          ))}
        </div>
        <datalist id="currency-choices">
          {currencies.map((code) => (
            <option key={code} value={code} />
          ))}
        </datalist>
        <button type="submit" class="main" disabled={isUnderWay}>
          {isUnderWay ? 'Under way…' : sendingOf(text)}
        </button>
      </form>
      {sent && <SentTransfer {...sent} />}
    </>
  );
}

/** What sending this would do. */
function sendingOf(text: TransferText): string {
  const { value: last } = open;
  if (!last) return 'Send';
  const read = readForm(text);
  const isSame = 'request' in read && attemptFor(read.request, last, newKey) === last;
  return isSame ? 'Ask again (same key)' : 'Send as another transfer';
}

const errorsOf = (result: Result) =>
  'outcome' in result && result.outcome.state === 'aborted' ? result.outcome.errors : undefined;

interface FieldKind {
  readonly name: FieldName;
  readonly label: string;
  readonly hint: string;
  readonly list?: string;
  readonly inputMode?: 'decimal';
}

const fields: readonly FieldKind[] = [
  {
    name: 'from',
    label: 'From',
    hint: 'The account that pays: bank-a/alice',
    list: accountChoices,
  },
  { name: 'to', label: 'To', hint: 'The account that gets it', list: accountChoices },
  {
    name: 'amount',
    label: 'Amount',
    hint: 'As people write it: 25.00 or 25',
    inputMode: 'decimal',
  },
  { name: 'currency', label: 'Currency', hint: 'An ISO 4217 code', list: 'currency-choices' },
  { name: 'reference', label: 'Reference', hint: 'What it is for; may be left out' },
];

interface FieldProps extends FieldKind {
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (field: FieldName, value: string) => void;
}

function Field({ name, label, hint, list, inputMode, value, error, onInput }: FieldProps) {
  const id = `send-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        list={list}
        inputMode={inputMode}
        autocomplete="off"
        spellcheck={false}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          onInput(name, event.currentTarget.value);
        }}
      />
      <div id={`${id}-hint`} class={error === undefined ? 'quiet' : 'bad'}>
        {error ?? hint}
      </div>
    </div>
  );
}
