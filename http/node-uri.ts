/** What stands in a certificate for the coordinator; for a participant, `:` and its name follow. */
const coordinatorUri = 'unanimous:coordinator';
const participantUri = /^unanimous:participant:((?!coordinator$)[a-z0-9][a-z0-9-]{0,62})$/;

/** One name of a certificate, as Node prints them all; what could be mistaken is in quotes. */
const printedName = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;

/**
 * The URI of a node in its certificate (PROTOCOL.md, identity).
 * @param name `coordinator`, as no participant is called so, or the name of a participant
 */
export function nodeUri(name: string): string {
  return name === 'coordinator' ? coordinatorUri : `unanimous:participant:${name}`;
}

/**
 * The one URI of a node among the alternative names of a certificate, or undefined: a certificate
 * of two nodes is of none.
 * @param names as Node prints them: `DNS:localhost, IP Address:::1, URI:unanimous:coordinator`
 */
export function nodeUriIn(names: string | undefined): string | undefined {
  const uris = [...(names ?? '').matchAll(printedName)].flatMap(([, kind, value = '']) =>
    kind === 'URI' && value.startsWith('unanimous:') ? value : [],
  );
  const [uri] = uris;
  const isNode = uri === coordinatorUri || participantUri.test(uri ?? '');
  return uris.length === 1 && isNode ? uri : undefined;
}

/** The name of the participant whose URI this is, or undefined. */
export const participantIn = (uri: string | undefined): string | undefined =>
  participantUri.exec(uri ?? '')?.[1];
