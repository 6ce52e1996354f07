/** What a server understood of the bytes of one connection. */
export interface Reading {
  /** Requests whose head was accepted, in order. */
  readonly requests: readonly ReadRequest[];
  /** The status of what was refused behind them; `closed` by agreement; `open` for more. */
  readonly end: number | "closed" | "open";
  /** Why it was refused, in the server's own words. */
  readonly reason: string;
}

/** One request as it was understood. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** `name: value` a line, names in lower case, in order of names; values of one name joined by commas. */
  readonly fields: string;
  /** One character a byte. */
  readonly body: string;
  /** Whether the body has come to its end. */
  readonly complete: boolean;
}

/** A request that is being read, and a connection. */
export type MutableRequest = { -readonly [Part in keyof ReadRequest]: ReadRequest[Part] };
export type MutableReading = { -readonly [Part in keyof Reading]: Reading[Part] } & {
  readonly requests: MutableRequest[];
};

/** The fields of a request as text that can be compared. */
export function fieldsAsText(fields: Iterable<readonly [string, string]>): string {
  const values = new Map<string, string>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const before = values.get(key);
    values.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return [...values]
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted()
    .join("\n");
}
