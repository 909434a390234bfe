import { closeResumed, following, type Resumed } from '../live.ts';
import { reached } from '../nodes.ts';

/** What became of the stream of events while the page was open. */
export function LiveNotice() {
  const now = following.value;
  if (now.state === 'failed' && reached.value.state === 'here') {
    return (
      <p class="notice bad">
        What happens cannot be shown live: {now.error.message}. This page asks again every three
        seconds.
      </p>
    );
  }
  if (now.state !== 'following' || now.resumed === undefined || reached.value.state !== 'here') {
    return null;
  }
  const { how, atMs } = now.resumed;
  return (
    <p class={how === 'anew' ? 'notice wait' : 'notice good'}>
      {told[how]} since {new Date(atMs).toLocaleTimeString()}; {kept[how]}{' '}
      <button type="button" class="small" onClick={closeResumed}>
        Close
      </button>
    </p>
  );
}

const told: Readonly<Record<Resumed['how'], string>> = {
  restart: 'The coordinator was restarted. This page follows it again',
  connection: 'The connection to the coordinator was lost. It is back',
  anew: 'The stream of events could not go on where it was. It begins anew',
};

const nothingLost = 'nothing was lost, and nothing that happened meanwhile is missing here.';

const kept: Readonly<Record<Resumed['how'], string>> = {
  restart: nothingLost,
  connection: nothingLost,
  anew: 'what happened in between is in the list of transfers, and not in the charts.',
};
