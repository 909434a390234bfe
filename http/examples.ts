/** A node's own values for the examples of its contract; what is undefined stays as it is there. */
export interface OwnExamples {
  /** By the name of the parameter's component, such as `TransferId`. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
  /** Whole bodies, by operationId and the name of the example: `createTransfer`, `single`. */
  readonly bodies?: Readonly<Record<string, Readonly<Record<string, object>> | undefined>>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { parameters: Record<string, { example?: string }> };
}

interface Operation {
  operationId?: string;
  requestBody?: { content: Record<string, { examples: Record<string, { value: object }> }> };
}

/**
 * A copy of an OpenAPI document with `own` values in its parameters and request bodies. A node has
 * only its part of the contract: a name that is not in it is left out.
 */
export function withExamples(
  document: Record<string, unknown>,
  { parameters = {}, bodies = {} }: OwnExamples,
): Record<string, unknown> {
  const copy = structuredClone(document);
  const { paths, components } = copy as unknown as Document;
  for (const [name, parameter] of Object.entries(components.parameters)) {
    const example = parameters[name];
    if (example !== undefined) parameter.example = example;
  }
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    const own = bodies[operation.operationId ?? ''] ?? {};
    for (const { examples } of Object.values(operation.requestBody?.content ?? {})) {
      for (const [name, example] of Object.entries(examples))
        example.value = own[name] ?? example.value;
    }
  }
  return copy;
}
