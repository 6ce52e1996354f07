import { expect } from "chai";
import {
  type Evaluation,
  evaluate,
  rangeApplies,
  type Validators,
} from "../../lib/fields/conditional.ts";

const CHANGED = Date.UTC(2026, 0, 1, 12, 0, 0) + 250;
const BEFORE = "Thu, 01 Jan 2026 11:59:59 GMT";
const SAME = "Thu, 01 Jan 2026 12:00:00 GMT";
const AFTER = "Thu, 01 Jan 2026 12:00:01 GMT";
const BOTH: Validators = { etag: '"a"', lastModified: CHANGED };

type FieldsOf = Readonly<Record<string, string>>;

function fields(values: FieldsOf): { get(name: string): string | null } {
  return { get: (name) => values[name] ?? null };
}

describe("fields/conditional", () => {
  const P = "proceed";
  const N = "not modified";
  const F = "precondition failed";
  const CASES: readonly [
    method: string,
    given: FieldsOf,
    validators: Validators,
    evaluation: Evaluation,
  ][] = [
    ["GET", {}, BOTH, P],
    ["PUT", {}, BOTH, P],
    // If-Match
    ["PUT", { "if-match": '"a"' }, BOTH, P],
    ["PUT", { "if-match": '"b", "a"' }, BOTH, P],
    ["PUT", { "if-match": '"b"' }, BOTH, F],
    ["GET", { "if-match": '"b"' }, BOTH, F],
    ["PUT", { "if-match": 'W/"a"' }, { etag: 'W/"a"' }, F],
    ["PUT", { "if-match": "*" }, BOTH, P],
    ["PUT", { "if-match": "*" }, {}, P],
    ["PUT", { "if-match": "*" }, { exists: false }, F],
    ["PUT", { "if-match": '"a"' }, {}, F],
    ["PUT", { "if-match": "nonsense" }, BOTH, F],
    // If-Unmodified-Since, which If-Match hides
    ["PUT", { "if-unmodified-since": BEFORE }, BOTH, F],
    ["PUT", { "if-unmodified-since": SAME }, BOTH, P],
    ["PUT", { "if-unmodified-since": AFTER }, BOTH, P],
    ["PUT", { "if-unmodified-since": "nonsense" }, BOTH, P],
    ["PUT", { "if-unmodified-since": BEFORE }, { etag: '"a"' }, P],
    ["PUT", { "if-match": '"a"', "if-unmodified-since": BEFORE }, BOTH, P],
    ["PUT", { "if-match": '"b"', "if-unmodified-since": AFTER }, BOTH, F],
    // If-None-Match
    ["GET", { "if-none-match": '"a"' }, BOTH, N],
    ["HEAD", { "if-none-match": '"a"' }, BOTH, N],
    ["GET", { "if-none-match": '"b", "a"' }, BOTH, N],
    ["GET", { "if-none-match": 'W/"a"' }, BOTH, N],
    ["GET", { "if-none-match": '"a"' }, { etag: 'W/"a"' }, N],
    ["GET", { "if-none-match": '"b"' }, BOTH, P],
    ["GET", { "if-none-match": "*" }, BOTH, N],
    ["GET", { "if-none-match": "nonsense" }, BOTH, P],
    ["PUT", { "if-none-match": "*" }, BOTH, F],
    ["PUT", { "if-none-match": "*" }, { exists: false }, P],
    ["POST", { "if-none-match": '"a"' }, BOTH, F],
    ["PUT", { "if-none-match": '"b"' }, BOTH, P],
    // If-Modified-Since, which If-None-Match hides
    ["GET", { "if-modified-since": BEFORE }, BOTH, P],
    ["GET", { "if-modified-since": SAME }, BOTH, N],
    ["HEAD", { "if-modified-since": AFTER }, BOTH, N],
    ["GET", { "if-modified-since": "Thursday, 01-Jan-26 12:00:00 GMT" }, BOTH, N],
    ["GET", { "if-modified-since": "Thu Jan  1 12:00:00 2026" }, BOTH, N],
    ["GET", { "if-modified-since": "nonsense" }, BOTH, P],
    ["GET", { "if-modified-since": SAME }, { etag: '"a"' }, P],
    ["POST", { "if-modified-since": SAME }, BOTH, P],
    ["GET", { "if-none-match": '"b"', "if-modified-since": AFTER }, BOTH, P],
    ["GET", { "if-none-match": '"a"', "if-modified-since": BEFORE }, BOTH, N],
    // All of them, in order
    ["GET", { "if-match": '"b"', "if-none-match": '"a"' }, BOTH, F],
    ["GET", { "if-match": '"a"', "if-none-match": '"a"' }, BOTH, N],
    ["GET", { "if-unmodified-since": AFTER, "if-modified-since": SAME }, BOTH, N],
  ];
  for (const [method, given, validators, evaluation] of CASES) {
    it(`${method} with ${JSON.stringify(given)} of ${JSON.stringify(validators)}: ${evaluation}`, () => {
      expect(evaluate(method, fields(given), validators)).to.equal(evaluation);
    });
  }

  const RANGES: readonly [
    method: string,
    given: FieldsOf,
    validators: Validators,
    applies: boolean,
  ][] = [
    ["GET", {}, BOTH, false],
    ["GET", { range: "bytes=0-" }, BOTH, true],
    ["HEAD", { range: "bytes=0-" }, BOTH, false],
    ["GET", { range: "bytes=0-", "if-range": '"a"' }, BOTH, true],
    ["GET", { range: "bytes=0-", "if-range": '"b"' }, BOTH, false],
    ["GET", { range: "bytes=0-", "if-range": 'W/"a"' }, { etag: 'W/"a"' }, false],
    ["GET", { range: "bytes=0-", "if-range": '"a"' }, {}, false],
    ["GET", { range: "bytes=0-", "if-range": SAME }, BOTH, true],
    ["GET", { range: "bytes=0-", "if-range": BEFORE }, BOTH, false],
    ["GET", { range: "bytes=0-", "if-range": AFTER }, BOTH, false],
    ["GET", { range: "bytes=0-", "if-range": SAME }, {}, false],
    ["GET", { range: "bytes=0-", "if-range": "nonsense" }, BOTH, false],
    ["GET", { range: "bytes=0-", "if-range": "nonsense" }, {}, false],
  ];
  for (const [method, given, validators, applies] of RANGES) {
    it(`${method} with ${JSON.stringify(given)} of ${JSON.stringify(validators)}: a part is ${applies ? "" : "not "}sent`, () => {
      expect(rangeApplies(method, fields(given), validators)).to.equal(applies);
    });
  }
});
