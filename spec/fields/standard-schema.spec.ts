import { expect } from "chai";
import {
  type SchemaResult,
  type StandardSchema,
  ValidationError,
  validate,
} from "../../lib/fields/standard-schema.ts";

function schema<Output>(
  check: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>,
): StandardSchema<unknown, Output> {
  return { "~standard": { version: 1, vendor: "spec", validate: check } };
}

const text = schema<string>((value) =>
  typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "not a text" }] },
);

describe("fields/standard-schema", () => {
  it("gives what the schema makes of a value, at once", () => {
    const value: string | Promise<string> = validate(text, " a ");
    expect(value).to.equal("a");
  });

  it("throws what is wrong, at once", () => {
    expect(() => validate(text, 1))
      .to.throw(ValidationError, /^not a text$/)
      .that.includes({ status: 400 });
  });

  it("waits for a schema that takes its time", async () => {
    const late = schema<string>((value) => Promise.resolve(text["~standard"].validate(value)));
    expect(await validate(late, " a ")).to.equal("a");
    const refused: unknown = await Promise.resolve(validate(late, 1)).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(ValidationError);
  });

  it("says where each issue is, in any form of path", () => {
    const issues = [
      { message: "first" },
      { message: "second", path: [] },
      { message: "third", path: ["a", 0, { key: "b" }] },
      { message: "fourth", path: [Symbol("c")] },
    ];
    const error = new ValidationError([]);
    expect(error.message).to.equal("");
    expect(() =>
      validate(
        schema(() => ({ issues })),
        1,
      ),
    )
      .to.throw(ValidationError, "first\nsecond\na.0.b: third\nSymbol(c): fourth")
      .that.has.deep.property("issues", [
        { path: "", message: "first" },
        { path: "", message: "second" },
        { path: "a.0.b", message: "third" },
        { path: "Symbol(c)", message: "fourth" },
      ]);
  });
});
