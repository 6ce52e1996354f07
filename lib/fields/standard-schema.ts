// The interface by which zod, valibot, arktype and others let themselves be called: https://standardschema.dev.
// The types are those of its specification, version 1, which asks to be copied; only what is read here.

/** Whatever checks a value and says what is wrong with it. Standard Schema, version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema answers: the value, perhaps made into another, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of a value that it accepts. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** One thing that is wrong with what a client sent, ready to be read. */
export interface Issue {
  /** Names and indices joined by dots; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** A client sent what a schema refuses. Its message has one line for each issue, `path: message`; it may repeat what was sent. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
  /** What to answer: 400. */
  readonly status = 400;
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(
      issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("\n"),
    );
    this.issues = issues;
  }
}

/** The value that the schema makes of `value`. Throws {@link ValidationError}; rejects with it where the schema takes its time. */
export function validate<S extends StandardSchema>(
  schema: S,
  value: unknown,
): SchemaOutput<S> | Promise<SchemaOutput<S>> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(accepted) : accepted(result);
}

function accepted<Output>(result: SchemaResult<Output>): Output {
  if (result.issues === undefined) return result.value;
  throw new ValidationError(
    result.issues.map(({ message, path = [] }) => ({ message, path: path.map(keyOf).join(".") })),
  );
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === "object" ? segment.key : segment);
}
