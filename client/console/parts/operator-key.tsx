import { keys, setKeys } from '../api.ts';

/** The name of the field in a form. */
const field = 'operator-key';

/** Where an operator gives the key, within the form that needs it. */
export function OperatorKey() {
  if (keys.value.operator !== undefined) {
    return (
      <p>
        The operator’s key was given in this tab.{' '}
        <button type="button" onClick={forgetOperatorKey}>
          Forget it
        </button>
      </p>
    );
  }
  return (
    <div class="field">
      <label for={field}>The operator’s key</label>
      <input
        id={field}
        name={field}
        type="password"
        autocomplete="off"
        required
        aria-describedby="operator-key-where"
      />
      <p id="operator-key-where" class="quiet">
        The <code>operator</code> of the file of keys, such as <code>data/keys.json</code>. It is
        kept until this tab is closed.
      </p>
    </div>
  );
}

/** Keeps what was typed into the form, if it was asked for. */
export function takeOperatorKey(form: FormData): void {
  const operator = textOf(form, field);
  if (operator !== '') setKeys({ ...keys.value, operator });
}

/** Asks for it again. */
export function forgetOperatorKey(): void {
  const { operator, ...others } = keys.value;
  setKeys(others);
}

/** What was typed into a field, without blanks around it; nothing if it is not there. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
