import { failureOf, type Tried } from '../failure.ts';

interface ProblemProps {
  readonly error: unknown;
  /** `reading` has no effect that would have to be told of. */
  readonly tried?: Tried;
  /** What could not be done: a whole sentence before the words of the error. */
  readonly what?: string;
}

/** Something that has failed, and what to do about it; read out at once. */
export function Problem({ error, tried = 'change', what }: ProblemProps) {
  const { title, detail, code, explained, fields, advice } = failureOf(error, tried);
  return (
    <div class="problem" role="alert">
      {what !== undefined && <p>{what}</p>}
      <p>
        <strong class="bad">{title}</strong>
        {detail !== undefined && fields.length < 2 && <>: {detail}</>}
      </p>
      {fields.length > 1 && (
        <ul>
          {fields.map(({ pointer, detail: why }) => (
            <li>
              <code>{pointer}</code> {why}
            </li>
          ))}
        </ul>
      )}
      <p>{advice.join(' ')}</p>
      {code !== undefined && (
        <p class="quiet">
          Code{' '}
          {explained ? (
            <a href={`/problems/${encodeURIComponent(code)}`} target="_blank">
              {code} (what it means, in a new tab)
            </a>
          ) : (
            <code>{code}</code>
          )}
        </p>
      )}
    </div>
  );
}
