import { useState } from 'preact/hooks';
import { coordinator } from '../api.ts';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

/** Aborts a transfer that is not decided yet, once a person has said so twice. */
export function CancelTransfer({ id }: { readonly id: string }) {
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>();
  const [under, setUnder] = useState(false);
  const cancel = async () => {
    setUnder(true);
    setError(undefined);
    try {
      await coordinator().cancel(id);
      setAsked(false);
    } catch (failed) {
      setError(failed);
    }
    setUnder(false);
  };
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setAsked(true);
        }}
      >
        Cancel…
      </button>
      {asked && (
        <Dialog
          title="Cancel this transfer?"
          onClose={() => {
            setAsked(false);
          }}
        >
          <p>It is aborted everywhere, unless it is decided before the coordinator hears of it.</p>
          {error !== undefined && <Problem error={error} what="It was not cancelled." />}
          <div class="row">
            <button class="main" type="button" disabled={under} onClick={() => void cancel()}>
              Abort it
            </button>
            <button
              type="button"
              onClick={() => {
                setAsked(false);
              }}
            >
              Leave it
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
