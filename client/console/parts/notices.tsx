import { reached } from '../nodes.ts';
import { hrefOf } from '../router.ts';
import { LiveNotice } from './live-notice.tsx';

/** What keeps the page from being up to date, read out as soon as it is so. */
export function Notices() {
  const now = reached.value;
  return (
    <div class="notices" role="status">
      {now.state === 'away' && (
        <p class="notice bad">
          The coordinator does not answer: {now.why}. This page asks again every two seconds, and
          goes on where it was.
        </p>
      )}
      {now.state === 'refused' && (
        <p class="notice bad">
          The coordinator refuses: {now.why}. <a href={hrefOf('keys')}>Give a key</a>
        </p>
      )}
      <LiveNotice />
    </div>
  );
}
