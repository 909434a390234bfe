import t from 'tap';
import { nodeUri, nodeUriIn, participantIn } from '../../http/node-uri.ts';

void t.test('a node has one URI, and a certificate is of one node', (t) => {
  t.equal(nodeUri('coordinator'), 'unanimous:coordinator');
  t.equal(nodeUri('bank-a'), 'unanimous:participant:bank-a');
  const found: [string | undefined, string | undefined][] = [
    ['URI:unanimous:coordinator', 'unanimous:coordinator'],
    ['DNS:localhost, URI:unanimous:participant:bank-a, IP Address:::1', nodeUri('bank-a')],
    ['URI:https://bank.example/x, URI:unanimous:coordinator', 'unanimous:coordinator'],
    ['DNS:"a, URI:unanimous:coordinator", URI:unanimous:participant:b', nodeUri('b')],
    [undefined, undefined],
    ['', undefined],
    ['DNS:localhost', undefined],
    ['DNS:unanimous:coordinator', undefined],
    ['DNS:"a, URI:unanimous:coordinator, DNS:b"', undefined],
    [String.raw`DNS:"a\", URI:unanimous:coordinator, DNS:b"`, undefined],
    ['URI:unanimous:coordinator, URI:unanimous:coordinator', undefined],
    ['URI:unanimous:coordinator, URI:unanimous:participant:bank-a', undefined],
    ['URI:unanimous:participant:a, URI:unanimous:other', undefined],
    ['URI:unanimous:participant:coordinator', undefined],
    ['URI:unanimous:participant:', undefined],
    ['URI:unanimous:participant:Bank', undefined],
    [`URI:unanimous:participant:${'a'.repeat(64)}`, undefined],
    ['URI:unanimous:coordinator:x', undefined],
    ['URI:x-unanimous:coordinator', undefined],
  ];
  for (const [names, uri] of found) t.equal(nodeUriIn(names), uri, names ?? 'none');
  t.equal(participantIn(nodeUri('bank-a')), 'bank-a');
  t.equal(participantIn(nodeUri('coordinator')), undefined);
  t.equal(participantIn(undefined), undefined);
  t.end();
});
