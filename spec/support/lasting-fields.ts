import type { TestReply } from "weftline/testing";

/** The fields of a reply but for Date, which changes by itself between two of them. */
export function lastingFields({ headers }: Pick<TestReply, "headers">): unknown {
  return [...headers].filter(([name]) => name !== "date");
}
