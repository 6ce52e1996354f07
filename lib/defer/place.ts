/** The folder of the toolkit, as it stands in the frames of a stack. */
const TOOLKIT = new URL("../", import.meta.url).href;
const FRAME = /^\s*at (?:async )?(?:.*\()?(.+):(\d+):(\d+)\)?$/;

/**
 * Where in the program something was made.
 *
 * Making one takes a few µs: the engine notes the frames, and words are found for them only when they are asked for.
 */
export class Place {
  readonly #taken: Error;

  constructor() {
    this.#taken = new Error("made here");
    // What test runners show of an object are its own properties.
    Object.defineProperty(this, "place", { enumerable: true, get: () => String(this) });
  }

  /** Every frame that was noted, one a line, innermost first. */
  get stack(): string {
    const text = this.#taken.stack ?? "";
    return text.slice(text.indexOf("\n") + 1);
  }

  /** `path/file.ts:12:5`: the innermost frame outside the toolkit and Node, or else the innermost of all. */
  toString(): string {
    const frames = this.stack.split("\n").flatMap((line) => FRAME.exec(line) ?? []);
    const places: string[] = [];
    for (let at = 0; at < frames.length; at += 4) {
      places.push(frames.slice(at + 1, at + 4).join(":"));
    }
    const outside = places.find((text) => !text.startsWith(TOOLKIT) && !text.startsWith("node:"));
    return readable(outside ?? places[0] ?? "an unknown place");
  }
}

function readable(place: string): string {
  return place.startsWith("file://") ? decodeURI(place.slice("file://".length)) : place;
}
