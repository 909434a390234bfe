import { hrefOf, route } from './router.ts';
import { Accounts } from './views/accounts.tsx';
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

export function App() {
  const [path = '', id] = route.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={hrefOf()}>
          Unanimous
        </a>
        <nav aria-label="Views">
          {views.map((view) => (
            <a href={hrefOf(view.path)} aria-current={view.path === path ? 'page' : undefined}>
              {view.name}
            </a>
          ))}
        </nav>
      </header>
      <Notices />
      <main id="main" tabIndex={-1}>
        <View path={path} id={id} />
      </main>
    </>
  );
}

function View({ path, id }: { readonly path: string; readonly id: string | undefined }) {
  switch (path) {
    case '':
      return <Overview />;
    case 'transfers':
      return id === undefined ? <Transfers /> : <TransferView id={id} />;
    case 'accounts':
      return <Accounts />;
    case 'in-doubt':
      return <InDoubt />;
    case 'lab':
      return <Lab />;
    case 'keys':
      return <KeysView />;
    default:
      return <h1>Nothing is at #/{path}</h1>;
  }
}
