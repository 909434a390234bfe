import { useState } from 'preact/hooks';

/** Lines to be used elsewhere, with a button that copies them. */
export function Copy({ title, text }: { readonly title: string; readonly text: string }) {
  const [said, setSaid] = useState('');
  const onClick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      setSaid(`The browser does not copy it (${why}): select it and copy.`);
    }
  };
  return (
    <div class="field">
      <div class="row">
        <h4>{title}</h4>
        <button
          type="button"
          class="small"
          aria-label={`Copy: ${title}`}
          onClick={() => void onClick()}
        >
          Copy
        </button>
        <span role="status" class="quiet">
          {said}
        </span>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
