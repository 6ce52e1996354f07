import { expect } from "chai";
import * as fc from "fast-check";
import {
  type ContentCoding,
  preferredCoding,
  preferredLanguage,
  preferredMediaType,
} from "../../lib/fields/accept.ts";

describe("fields/accept", () => {
  const TYPES = ["text/html", "application/json"];
  for (const [accept, type] of [
    [null, "text/html"],
    ["", "text/html"],
    ["*/*", "text/html"],
    ["application/*", "application/json"],
    ["application/json", "application/json"],
    ["text/html;q=0.5, application/json", "application/json"],
    ["text/html;q=0, */*", "application/json"],
    ["image/png", undefined],
  ] as const) {
    it(`answers Accept: ${accept} with ${type}`, () => {
      expect(preferredMediaType(accept, TYPES)).to.equal(type);
    });
  }

  for (const [accept, language] of [
    [null, "en-GB"],
    ["de", "de"],
    ["en", "en-GB"],
    ["de;q=0.5, en-GB", "en-GB"],
    ["fr", undefined],
  ] as const) {
    it(`answers Accept-Language: ${accept} with ${language}`, () => {
      expect(preferredLanguage(accept, ["en-GB", "de"])).to.equal(language);
    });
  }

  const CODINGS: readonly [
    field: string | null,
    available: readonly ContentCoding[],
    coding: string | undefined,
  ][] = [
    [null, ["br", "gzip"], "identity"],
    ["", ["br", "gzip"], "identity"],
    ["gzip, deflate, br, zstd", ["br", "gzip"], "br"],
    ["gzip, deflate", ["br", "gzip"], "gzip"],
    ["GZIP", ["br", "gzip"], "gzip"],
    ["br;q=0.5, gzip", ["br", "gzip"], "gzip"],
    ["*", ["br", "gzip"], "br"],
    ["br;q=0, *", ["br", "gzip"], "gzip"],
    ["gzip;q=0", ["gzip"], "identity"],
    ["deflate", ["br", "gzip"], "identity"],
    ["identity;q=0", ["br", "gzip"], undefined],
    ["identity;q=0, br", ["br", "gzip"], "br"],
    ["*;q=0", ["br", "gzip"], undefined],
    ["gzip, br", ["gzip"], "gzip"],
    ["identity, gzip", ["gzip"], "gzip"],
    ["gzip;q=0.5, identity", ["gzip"], "identity"],
  ];
  for (const [field, available, coding] of CODINGS) {
    it(`answers Accept-Encoding: ${field} with ${coding}, having ${available.join(" and ")}`, () => {
      expect(preferredCoding(field, available)).to.equal(coding);
    });
  }

  it("has br and gzip unless told", () => {
    expect(preferredCoding("gzip, br")).to.equal("br");
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab/*;q=0.," '.split("")) }), (text) => {
        preferredMediaType(text, TYPES);
        preferredLanguage(text, ["en"]);
        preferredCoding(text);
      }),
    );
  });
});
