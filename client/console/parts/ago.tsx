import { useComputed } from '@preact/signals';
import { agoOf } from '../ago.ts';
import { clock } from './clock.ts';

/** A moment as `3 s ago`, which goes on by itself; when exactly is told on a closer look. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      <AgoText key={at} at={at} />
    </time>
  );
}

function AgoText({ at }: { readonly at: string }) {
  // Only the letters change, and only when they do: there may be hundreds on a page.
  const text = useComputed(() => agoOf(clock.value - Date.parse(at)));
  return <>{text}</>;
}
