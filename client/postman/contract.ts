/** What a collection needs of openapi.yaml: each operation with its examples in place. */
import { readContract, type NodeRole, type ServerRole } from '../../http/contract.ts';
import type { KeyRole } from '../../http/keys.ts';

/** What JSON can say. */
export type Json = Scalar | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };
export type Scalar = null | boolean | number | string;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  /** The example of the contract, or a value that its schema names; empty if there is neither. */
  readonly example: string;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** As in the contract: most refer to one of its schemas. */
  readonly schema: Json;
  /** The names of its examples: of an error, all the codes that it may have. */
  readonly examples: readonly string[];
}

/** One operation, with everything it takes to send it. */
export interface Operation {
  readonly operationId: string;
  /** In capitals: `POST`. */
  readonly method: string;
  /** As in the contract: `/transfers/{id}`. */
  readonly path: string;
  /** The nodes that serve it. */
  readonly nodes: readonly NodeRole[];
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** The role whose key may call it; null: no key is looked at. */
  readonly role: KeyRole | null;
  /** Needs no key on a node that listens on loopback only. */
  readonly openOnLoopback: boolean;
  readonly parameters: readonly Parameter[];
  /** The examples of its body, by name. */
  readonly bodies: ReadonlyMap<string, JsonObject>;
  readonly replies: readonly Reply[];
}

/**
 * The whole contract but its event streams, which a request with one answer cannot show, and the
 * lab, which no cluster in earnest has.
 */
export interface Contract {
  readonly title: string;
  readonly description: string;
  readonly tags: readonly { name: string; description: string }[];
  readonly operations: readonly Operation[];
  /** Its schemas, by name. */
  readonly schemas: JsonObject;
  /** The roles that have a key. */
  readonly keys: readonly KeyRole[];
  /** Where `unanimous up` listens, by role, in the order of the contract. */
  readonly addresses: Readonly<Record<NodeRole, readonly string[]>>;
}

interface Document {
  info: { title: string; description: string };
  servers: Server[];
  tags: { name: string; description: string }[];
  paths: Record<string, PathItem>;
  components: { schemas: JsonObject; securitySchemes: Record<KeyRole, object> };
}

interface Server {
  url: string;
  'x-node': ServerRole;
  variables?: Record<string, { enum: string[] }>;
}

type Method = (typeof methods)[number];
type Referable<T> = T | { $ref: string };

type PathItem = { servers: Server[]; parameters?: Referable<ParameterItem>[] } & Partial<
  Record<Method, OperationItem>
>;

interface OperationItem {
  operationId: string;
  summary: string;
  description: string;
  tags: [string];
  security: Partial<Record<KeyRole, string[]>>[];
  'x-open-on-loopback'?: boolean;
  parameters?: Referable<ParameterItem>[];
  requestBody?: { content: Content };
  responses: Record<string, Referable<{ content?: Content }>>;
}

interface ParameterItem {
  name: string;
  in: Parameter['in'];
  required?: boolean;
  description: string;
  example?: Scalar;
  schema: Referable<{ default?: Scalar; enum?: Scalar[]; examples?: Scalar[] }>;
}

type Content = Record<string, { schema: Json; examples?: Record<string, Referable<Example>> }>;

interface Example {
  value: JsonObject;
}

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Reads openapi.yaml. */
export function readOperations(): Contract {
  const document = readContract() as unknown as Document;
  const { info, tags, components } = document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => operationOf(document, path, item, method)),
  );
  return {
    title: info.title,
    description: info.description,
    tags: tags.filter(({ name }) => operations.some(({ tag }) => tag === name)),
    operations: operations.filter(({ replies }) => !replies.some(isStream)),
    schemas: components.schemas,
    keys: Object.keys(components.securitySchemes) as KeyRole[],
    addresses: {
      coordinator: addressesOf(document, 'coordinator'),
      participant: addressesOf(document, 'participant'),
    },
  };
}

const isStream = ({ contentType }: Reply) => contentType === 'text/event-stream';

function operationOf(document: Document, path: string, at: PathItem, method: Method): Operation[] {
  const item = at[method];
  const nodes = at.servers.map((server) => server['x-node']).filter((role) => role !== 'lab');
  if (!item || nodes.length === 0) return [];
  const { operationId, summary, description, security, requestBody } = item;
  const parameters = [...(at.parameters ?? []), ...(item.parameters ?? [])];
  const bodies = Object.entries(Object.values(requestBody?.content ?? {})[0]?.examples ?? {});
  const [role] = Object.keys(security[0] ?? {}) as KeyRole[];
  return [
    {
      operationId,
      method: method.toUpperCase(),
      path,
      nodes,
      tag: item.tags[0],
      summary,
      description,
      role: role ?? null,
      openOnLoopback: item['x-open-on-loopback'] ?? false,
      parameters: parameters.map((parameter) => parameterOf(document, parameter)),
      bodies: new Map(bodies.map(([name, it]) => [name, follow(document, it).value])),
      replies: Object.entries(item.responses).map(([status, reply]) => {
        const [contentType = '', media] =
          Object.entries(follow(document, reply).content ?? {})[0] ?? [];
        const examples = Object.keys(media?.examples ?? {});
        return { status: Number(status), contentType, schema: media?.schema ?? true, examples };
      }),
    },
  ];
}

function parameterOf(document: Document, referable: Referable<ParameterItem>): Parameter {
  const { name, description, required = false, ...item } = follow(document, referable);
  const schema = follow(document, item.schema);
  const known = [item.example, schema.default, schema.examples?.[0], schema.enum?.[0]];
  const example = known.find((value) => value !== undefined) ?? '';
  return { name, in: item.in, required, description, example: String(example) };
}

/** What stands at a reference; the contract's lint has checked that there is something. */
function follow<T extends object>(document: Document, value: Referable<T>): T {
  if (!('$ref' in value)) return value;
  let found: unknown = document;
  for (const part of value.$ref.split('/').slice(1)) {
    found = (found as Record<string, unknown>)[part];
  }
  return follow(document, found as Referable<T>);
}

function addressesOf({ servers }: Document, role: NodeRole): string[] {
  return servers
    .filter((server) => server['x-node'] === role)
    .flatMap(
      ({ url, variables }) =>
        variables?.['port']?.enum.map((port) => url.replace('{port}', port)) ?? [url],
    );
}
