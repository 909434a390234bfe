/** The Postman collection and its environment, made from the contract. */
import { readOperations, type Contract } from './contract.ts';
import { requestsOf } from './requests.ts';
import { collectionEvents } from './scripts.ts';
import { steps, variables, type Step } from './steps.ts';

const origin = 'Generated from openapi.yaml by `npm run generate`; edits here are lost.';

/** The text of each file, by its name in this folder; the same at every call. */
export function postmanFiles(): ReadonlyMap<string, string> {
  const contract = readOperations();
  return new Map([
    ['unanimous.postman_collection.json', textOf(collection(contract))],
    ['local.postman_environment.json', textOf(environment(contract))],
  ]);
}

const textOf = (content: object) => `${JSON.stringify(content, null, 2)}\n`;

function collection(contract: Contract): object {
  const requests = requestsByTag(contract);
  return {
    info: {
      name: contract.title,
      description: `${contract.description}\n${origin}`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: contract.tags.map(({ name, description }) => {
      return { name, description, item: requests.get(name) ?? [] };
    }),
    event: collectionEvents(contract.schemas),
    variable: variables.map(({ name, example }) => ({ key: name, value: example })),
  };
}

/** The steps in their order, then one plain request of each operation that no step is about. */
function requestsByTag({ operations }: Contract): ReadonlyMap<string, object[]> {
  const known = new Map(operations.map((operation) => [operation.operationId, operation]));
  const planned = new Set(steps.map(({ operationId }) => operationId));
  const plain = [...known.keys()].filter((operationId) => !planned.has(operationId));
  const run: readonly Step[] = [...steps, ...plain.map((operationId) => ({ operationId }))];
  const requests = new Map<string, object[]>();
  const explained = new Set<string>();
  for (const step of run) {
    const operation = known.get(step.operationId);
    if (!operation) throw new Error(`the contract has no operation ${step.operationId}`);
    const folder = requests.get(operation.tag) ?? [];
    const explains = !explained.has(step.operationId);
    explained.add(step.operationId);
    requests.set(operation.tag, [...folder, ...requestsOf(step, operation, explains)]);
  }
  return requests;
}

function environment({ addresses, keys }: Contract): object {
  const [participant, peer] = addresses.participant;
  const places = { coordinator: addresses.coordinator[0], participant, peer };
  const values = [
    ...Object.entries(places).map(([key, value]) => ({ key, value, type: 'default' })),
    ...keys.map((role) => ({ key: `${role}Key`, value: '', type: 'secret' })),
  ];
  return {
    name: 'Unanimous on this machine',
    values: values.map((variable) => ({ ...variable, enabled: true })),
  };
}
