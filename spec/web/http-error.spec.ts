import { expect } from "chai";
import { HttpError } from "../../lib/web/http-error.ts";

describe("web/http-error", () => {
  for (const status of [399, 600, 404.5, Number.NaN]) {
    it(`refuses the status ${status}`, () => {
      expect(() => new HttpError(status)).to.throw(RangeError);
    });
  }

  it("has a cause, a message and fields", () => {
    const error = new HttpError(503, "later", { cause: "c", headers: { "Retry-After": "1" } });
    expect(error).to.include({ name: "HttpError", status: 503, message: "later", cause: "c" });
    expect(error.headers).to.deep.equal({ "Retry-After": "1" });
    expect(new HttpError(404)).to.include({ message: "" });
  });
});
