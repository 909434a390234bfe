import { lab } from './lab.ts';
import { hrefOf, route, type Route } from './router.ts';
import { AccountView } from './views/account.tsx';
import { Accounts } from './views/accounts.tsx';
import { BranchView } from './views/branch.tsx';
import { InDoubt } from './views/in-doubt.tsx';
import { KeysView } from './views/keys.tsx';
import { Lab } from './views/lab.tsx';
import { Overview } from './views/overview.tsx';
import { TransferView } from './views/transfer.tsx';
import { Transfers } from './views/transfers.tsx';
import { Notices } from './parts/notices.tsx';

/** The views, by the first part of their address. */
const views = [
  { path: '', name: 'Overview' },
  { path: 'transfers', name: 'Transfers' },
  { path: 'accounts', name: 'Accounts' },
  { path: 'in-doubt', name: 'In doubt' },
  { path: 'lab', name: 'Lab' },
  { path: 'keys', name: 'Keys' },
] as const;

/** The lab is where there is one. */
const isShown = ({ path }: (typeof views)[number]) => path !== 'lab' || lab.isHere.value === true;

export function App() {
  const [path = '', ...rest] = route.value;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={hrefOf()}>
          Unanimous
        </a>
        <nav aria-label="Views">
          {views.filter(isShown).map((view) => (
            <a href={hrefOf(view.path)} aria-current={view.path === path ? 'page' : undefined}>
              {view.name}
            </a>
          ))}
        </nav>
      </header>
      <Notices />
      <main id="main" tabIndex={-1}>
        <View path={path} rest={rest} />
      </main>
    </>
  );
}

/** Not by its address: what is behind `#` says which view is shown. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function View({ path, rest }: { readonly path: string; readonly rest: Route }) {
  const [id, part] = rest;
  switch (path) {
    case '':
      return <Overview />;
    case 'transfers':
      return id === undefined ? <Transfers /> : <TransferView id={id} />;
    case 'accounts':
      if (id === undefined || part === undefined) return <Accounts only={id} />;
      return <AccountView key={`${id}/${part}`} name={id} id={part} />;
    case 'in-doubt':
      if (id === undefined || part === undefined) return <InDoubt />;
      return <BranchView key={`${id}/${part}`} name={id} id={part} />;
    case 'lab':
      return <Lab />;
    case 'keys':
      return <KeysView />;
    default:
      return <h1>Nothing is at #/{path}</h1>;
  }
}
