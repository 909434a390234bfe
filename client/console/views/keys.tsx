import { KeysForm } from '../parts/keys-form.tsx';

export function KeysView() {
  return (
    <>
      <h1>Keys</h1>
      <p>
        On loopback a client needs no key, unless the nodes were started with{' '}
        <code>--require-keys</code>. An operator always needs one. <code>unanimous up</code> keeps
        its own in <code>keys.json</code> in its data folder.
      </p>
      <KeysForm />
      <p class="quiet">
        They stay in this tab, are gone when it is closed, and are sent to the nodes only.
      </p>
    </>
  );
}
