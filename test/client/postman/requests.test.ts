import t from 'tap';
import { readOperations, type Operation } from '../../../client/postman/contract.ts';
import { requestsOf } from '../../../client/postman/requests.ts';

const known = new Map(readOperations().operations.map((one) => [one.operationId, one]));

function operation(operationId: string): Operation {
  const found = known.get(operationId);
  if (!found) throw new Error(`no operation ${operationId}`);
  return found;
}

void t.test('an operation without a step gets a request that follows the transfer', (t) => {
  const timeline = {
    ...operation('getTransfer'),
    operationId: 'getTimeline',
    summary: 'Read a timeline',
    path: '/transfers/{id}/timeline',
  };
  const [request, ...others] = requestsOf({ operationId: 'getTimeline' }, timeline);
  t.match(request, {
    name: 'Read a timeline',
    request: {
      method: 'GET',
      url: {
        host: ['{{coordinator}}'],
        path: ['transfers', ':id', 'timeline'],
        variable: [{ key: 'id', value: '{{transferId}}' }],
      },
      auth: { type: 'bearer', bearer: [{ value: '{{clientKey}}' }] },
    },
  });
  t.match(JSON.stringify(request), /have\.status\(200\)/);
  t.strictSame(others, []);
  t.end();
});

void t.test('an operation of both nodes gets a request for each', (t) => {
  const requests = requestsOf({ operationId: 'checkLive' }, operation('checkLive'));
  t.match(requests, [
    { name: 'Is the process alive (coordinator)', request: { auth: { type: 'noauth' } } },
    { name: 'Is the process alive (participant)', request: { auth: { type: 'noauth' } } },
  ]);
  t.end();
});

void t.test('an answer that is not JSON is tested by its status alone', (t) => {
  const replies = [{ status: 204, contentType: '', schema: {}, examples: [] }];
  const [request] = requestsOf({ operationId: 'x' }, { ...operation('checkLive'), replies });
  t.match(JSON.stringify(request), /have\.status\(204\)/);
  t.notMatch(JSON.stringify(request), /response\.json/);
  t.end();
});

void t.test('parameters that may be left out are there, switched off', (t) => {
  const step = { operationId: 'listTransfers', parameters: { limit: '1' } };
  const [request] = requestsOf(step, operation('listTransfers'));
  t.match(request, {
    request: {
      url: {
        query: [
          { key: 'state', value: 'preparing', disabled: true },
          { key: 'participant', disabled: true },
          { key: 'account', value: 'bank-a/alice', disabled: true },
          { key: 'reference', disabled: true },
          { key: 'limit', value: '1', disabled: undefined },
          { key: 'cursor', disabled: true },
        ],
      },
    },
  });
  t.end();
});

void t.test('variables take the place of what the examples name; numbers stay numbers', (t) => {
  const body = { epoch: '{{epoch}}' };
  const step = { operationId: 'registerParticipant', body };
  const [request] = requestsOf(step, operation('registerParticipant'));
  const { raw } = (request as { request: { body: { raw: string } } }).request.body;
  t.equal(
    raw.replaceAll(/\s/g, ''),
    '{"name":"bank-a","store":"{{store}}","epoch":{{epoch}},"address":"{{address}}","sequence":0}',
  );
  t.end();
});

void t.test('a step that the contract does not have is an error that names it', (t) => {
  const transfer = operation('createTransfer');
  const operationId = 'createTransfer';
  const withStep = (step: object) => () => requestsOf({ operationId, ...step }, transfer);
  t.throws(withStep({ problem: 'name-taken' }), { message: /never answers name-taken/ });
  t.throws(withStep({ status: 299 }), { message: /never answers 299/ });
  t.throws(withStep({ example: 'none' }), { message: /createTransfer has no example none/ });
  t.throws(withStep({ parameters: { x: '1' } }), { message: /has no parameter x/ });
  const nothingGood = { ...transfer, replies: [] };
  t.throws(() => requestsOf({ operationId }, nothingGood), { message: /a status below 300/ });
  const { parameters, ...rest } = operation('getTransfer');
  const bare = { ...rest, parameters: parameters.map((one) => ({ ...one, example: '' })) };
  t.throws(() => requestsOf({ operationId: 'getTransfer' }, bare), {
    message: 'getTransfer: the parameter id needs an example in openapi.yaml',
  });
  t.end();
});
