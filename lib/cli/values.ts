type Given = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** The options that were given. Each question names an option of the command. */
export class Values {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Whether the option was given at all. */
  has(name: string): boolean {
    return this.#given[name] !== undefined;
  }

  /** The value of an option that is given at most once. */
  one(name: string): string | undefined {
    const value = this.#given[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The values of an option that may be repeated, in the order given. */
  all(name: string): readonly string[] {
    const value = this.#given[name];
    return Array.isArray(value) ? value.map(String) : [];
  }
}
