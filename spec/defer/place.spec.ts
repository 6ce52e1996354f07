import { expect } from "chai";
import { Place } from "../../lib/defer/place.ts";

const HERE = /^\/.*\/spec\/defer\/place\.spec\.ts:\d+:\d+$/;

/** A place whose stack was replaced, as some tools do. */
function withStack(stack: string | undefined): Place {
  const captured = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = () => stack;
  const place = new Place();
  expect(place.stack).to.be.a("string");
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (captured !== undefined) Object.defineProperty(Error, "prepareStackTrace", captured);
  return place;
}

function made(): Place {
  return new Place();
}

describe("defer/place", () => {
  it("names the file, line and column where it was made, as a path", () => {
    expect(String(new Place())).to.match(HERE);
  });

  it("names the place also within a named function and a constructor", () => {
    class Maker {
      readonly place = made();
    }
    expect(String(new Maker().place)).to.match(HERE);
  });

  it("has every frame in its stack, and no heading", () => {
    expect(new Place().stack).to.match(/^ {4}at new Place .*\n.*place\.spec\.ts/);
  });

  const toolkit = new URL("../../lib/defer/clock.ts", import.meta.url).href;
  for (const [what, stack, place] of [
    [
      "skips the toolkit and Node",
      `E\n    at f (${toolkit}:1:2)\n    at node:x:3:4\n    at g (/u.ts:5:6)`,
      "/u.ts:5:6",
    ],
    [
      "takes the innermost when there is no other",
      "E\n    at node:a:1:2\n    at node:b:3:4",
      "node:a:1:2",
    ],
    ["unescapes what a file URL escapes", "E\n    at file:///a%20b.ts:1:2", "/a b.ts:1:2"],
    ["understands async frames", "E\n    at async f (/u.ts:5:6)", "/u.ts:5:6"],
    ["says so when there are no frames", "E", "an unknown place"],
    ["says so when there is no stack", undefined, "an unknown place"],
  ] as const) {
    it(what, () => {
      expect(String(withStack(stack))).to.equal(place);
    });
  }
});
