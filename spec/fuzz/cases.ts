import { Random } from "./random.ts";

/** What one connection sends, and how it is cut. */
export interface FuzzCase {
  readonly seed: number;
  /** One character a byte. */
  readonly text: string;
  readonly pieces: readonly Uint8Array[];
}

type Choice = readonly [string, ...string[]];

const METHODS: Choice = ["GET", "GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"];
const ODD_METHODS: Choice = [
  "get",
  "PROPFIND",
  "M-SEARCH",
  "X",
  "G ET",
  "GÉT",
  "",
  "CONNECT",
  "TRACE",
  "PRI",
  "GET\t",
  "{GET}",
];
const TARGETS: Choice = ["/", "/a", "/a/b?c=d", "/%41", "//x", "/a//b", "/?", "/;p=1", "/~u/'x'"];
const ODD_TARGETS: Choice = [
  "*",
  "a",
  "",
  "/a b",
  "/\x80",
  "/%zz",
  "/#f",
  "/\\",
  "/{x}",
  "/|",
  "/[1]",
  "http://a/",
  "http://a",
  "HTTP://a/x?y",
  "https://a/",
  "http://u@a/",
  "http:///x",
  "ftp://a/",
  "a:80",
  "/\x7f",
  "/\x00",
  '/?q="',
  "/<x>",
  "/^",
  "/`",
  "?x",
  "http://a:1/",
  "http://b/",
];
const VERSIONS: Choice = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"];
const ODD_VERSIONS: Choice = [
  "HTTP/1.2",
  "HTTP/2.0",
  "HTTP/0.9",
  "http/1.1",
  "HTTP/1.11",
  "HTTP/1.",
  "HTTP/01.1",
  "HTTP/1,1",
  "",
  "HTTPS/1.1",
  "HTTP/9.9",
];
const HOSTS: Choice = ["a", "a", "a:80", "example.test", "[::1]", "127.0.0.1:8080", "a:"];
const ODD_HOSTS: Choice = [
  "",
  "a b",
  "u@a",
  "a:b",
  "a:99999",
  "[::1",
  "a/b",
  "a,b",
  "\x80",
  "[::zz]",
  "a\tb",
  "a#b",
  "a?b",
];
const VALUES: Choice = ["x", "a, b", '"q"', "a\tb", "", "  x  ", "\t", "caf\xe9", "x;q=1", "1"];
const ODD_VALUES: Choice = [
  "\x00",
  "a\x01b",
  "a\x7fb",
  "a\rb",
  "a\nb",
  "a\r b",
  "a\r\n b",
  "\x0b",
  "a\x0cb",
  "\r",
];
const NAMES: Choice = ["X-A", "Accept", "x", "X!#$%&'*+-.^_`|~9", "Cookie", "User-Agent"];
const ODD_NAMES: Choice = ["X A", "X ", "\tX", " X", "X(", "X\x80", "", "X\x00", "\x0bX", "X;"];
const CONNECTIONS: Choice = [
  "close",
  "keep-alive",
  "Keep-Alive",
  "close, x",
  "keep-alive, close",
  "upgrade",
  "x",
  "",
  ",",
  "close,",
  "\x01",
  "Close",
  "te",
  "a b",
  "proxy-connection",
];
const EXPECTS: Choice = [
  "100-continue",
  "100-Continue",
  "100",
  "200-ok",
  "",
  "100-continue, 100-continue",
  "100-continue;x",
];
const LENGTHS: Choice = [
  "+1",
  "-1",
  "1x",
  "0x1",
  "1,1",
  "1 1",
  "",
  "01",
  "00",
  "9007199254740991",
  "9007199254740992",
  "18446744073709551616",
  "1.0",
  "1e3",
  " 3",
  "3 ",
  "\x0b3",
];
const CODINGS: Choice = [
  "chunked",
  "Chunked",
  "CHUNKED",
  " chunked",
  "chunked ",
  "chunked\t",
  "chunked, chunked",
  "gzip, chunked",
  "chunked, gzip",
  "gzip",
  "identity",
  "x",
  "\x0bchunked",
  "chunked;x",
  '"chunked"',
  "",
  "chunked,",
  ",chunked",
  "chunkedx",
  "xchunked",
];
const SIZES: Choice = ["5", "05", "0005", "a", "A", "f", "1", "10", "00000000000000005"];
const ODD_SIZES: Choice = [
  "",
  "g",
  "+5",
  "-1",
  "0x5",
  " 5",
  "5 ",
  "5\t",
  "ffffffffffffffff",
  "10000000000000000",
  "5.",
  "fffffffffffff",
  "\x005",
];
const EXTENSIONS: Choice = [
  "",
  "",
  "",
  ";a",
  ";a=b",
  ';a="q"',
  ';a="q\\"r"',
  " ;a",
  "; a",
  ";a =b",
  ";a= b",
  ";a;b=c",
  ";",
  ";=",
  ';a="',
  ";a\x80",
  ";a=\x01",
  ';"q"',
  ";a=b\t",
  "\t;a",
];
const LINE_ENDS: Choice = [
  "\r\n",
  "\r\n",
  "\r\n",
  "\n",
  "\r",
  "\r\r\n",
  "\n\n",
  "\r\n\r\n",
  "",
  " \r\n",
  "\r\n ",
];
const BYTES: Choice = [
  "\r",
  "\n",
  "\r\n",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "=",
  '"',
  "\\",
  "0",
  "a",
  "\x7f",
  "\x80",
  "\xff",
  "\x0b",
  "\x1f",
  "%",
  "/",
  "\r\n\r\n",
  "0\r\n\r\n",
  "HTTP/1.1",
];

/** The case of a seed; the same in each run. */
export function makeCase(seed: number): FuzzCase {
  const random = new Random(seed);
  const maker = new Maker(random);
  const count = 1 + (random.chance(0.35) ? 1 + random.below(2) : 0);
  let text = "";
  for (let at = 0; at < count; at += 1) text += maker.request();
  if (random.chance(0.35)) text = mutate(text, random);
  return { seed, text, pieces: cut(text, random) };
}

/** Text as bytes, in the pieces of a seed. */
export function cut(text: string, random: Random): Uint8Array[] {
  const bytes = Buffer.from(text, "latin1");
  const cuts = random.chance(0.4) ? 0 : random.chance(0.1) ? bytes.length : 1 + random.below(4);
  if (cuts === 0) return [bytes];
  if (cuts >= bytes.length) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const places = Array.from({ length: cuts }, () => random.below(bytes.length + 1));
  const ends = [...places, bytes.length].toSorted((one, other) => one - other);
  const pieces = ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
  return pieces.filter((piece) => piece.length > 0);
}

/** Changes some bytes, whatever they mean. */
function mutate(text: string, random: Random): string {
  let changed = text;
  for (let change = 1 + random.below(3); change > 0; change -= 1) {
    const at = random.below(changed.length + 1);
    const length = random.below(4);
    const [before, piece, after] = [
      changed.slice(0, at),
      changed.slice(at, at + length),
      changed.slice(at + length),
    ];
    const other = [
      "",
      piece + piece,
      random.pick(BYTES),
      piece + random.pick(BYTES),
      String.fromCharCode(random.below(256)),
      random.chance(0.5) ? piece.toUpperCase() : piece.toLowerCase(),
    ][random.below(6)];
    changed = before + (other ?? "") + after;
  }
  return changed;
}

/** Writes requests down by the grammar, with one or another rule broken. */
class Maker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  request(): string {
    const random = this.#random;
    const line = [
      this.#mostly(METHODS, ODD_METHODS),
      this.#mostly(TARGETS, ODD_TARGETS, 0.08),
      this.#mostly(VERSIONS, ODD_VERSIONS, 0.03),
    ];
    const space = random.chance(0.02) ? random.pick(["  ", "\t", "", " \t", "\x0b"]) : " ";
    const [framing, body] = this.#body();
    const fields = [...this.#hosts(), ...this.#fields(), ...framing];
    const order = random.chance(0.3) ? fields.toReversed() : fields;
    const start = random.chance(0.03) ? random.pick(["\r\n", "\n", "\r", "\r\n\r\n", " "]) : "";
    const block = order.map((field) => field + this.#lineEnd()).join("");
    return start + line.join(space) + this.#lineEnd() + block + this.#lineEnd() + body;
  }

  #mostly(good: Choice, odd: Choice, share = 0.03): string {
    return this.#random.pick(this.#random.chance(share) ? odd : good);
  }

  #lineEnd(): string {
    return this.#random.chance(0.006) ? this.#random.pick(LINE_ENDS) : "\r\n";
  }

  #field(name: string, value: string): string {
    const colon = this.#random.chance(0.03)
      ? this.#random.pick([" :", ":", ":\t", ": ", ":  ", "", "::"])
      : ": ";
    return name + colon + value;
  }

  #hosts(): string[] {
    const random = this.#random;
    const host = this.#field(
      random.chance(0.1) ? random.pick(["host", "HOST", "hOsT"]) : "Host",
      this.#mostly(HOSTS, ODD_HOSTS),
    );
    if (random.chance(0.02)) return [];
    return random.chance(0.015) ? [host, host] : [host];
  }

  #fields(): string[] {
    const random = this.#random;
    const fields: string[] = [];
    while (random.chance(0.4)) {
      fields.push(this.#field(this.#mostly(NAMES, ODD_NAMES), this.#mostly(VALUES, ODD_VALUES)));
    }
    if (random.chance(0.12)) fields.push(this.#field("Connection", random.pick(CONNECTIONS)));
    if (random.chance(0.04)) fields.push(this.#field("Expect", random.pick(EXPECTS)));
    if (random.chance(0.02)) fields.push(this.#field("Upgrade", random.pick(["h2c", "websocket"])));
    return fields;
  }

  /** The fields that frame a body, and the body. */
  #body(): [string[], string] {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 4) return [[], ""];
    if (kind < 6) return this.#counted();
    if (kind < 9)
      return [
        [this.#field("Transfer-Encoding", random.chance(0.12) ? random.pick(CODINGS) : "chunked")],
        this.#chunks(),
      ];
    return this.#doubtful();
  }

  #counted(): [string[], string] {
    const body = this.#payload();
    const length = this.#random.chance(0.1) ? this.#random.pick(LENGTHS) : String(body.length);
    return [[this.#field("Content-Length", length)], body];
  }

  /** More than one field says how long it is. */
  #doubtful(): [string[], string] {
    const random = this.#random;
    const body = random.chance(0.5) ? this.#chunks() : this.#payload();
    const fields = Array.from({ length: 2 + random.below(2) }, () =>
      random.chance(0.5)
        ? this.#field(
            "Content-Length",
            random.chance(0.5) ? String(body.length) : random.pick(LENGTHS),
          )
        : this.#field("Transfer-Encoding", random.pick(CODINGS)),
    );
    return [random.chance(0.3) ? fields.slice(1) : fields, body];
  }

  #payload(): string {
    const random = this.#random;
    return random.pick([
      "",
      "x",
      "hello",
      "0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\n",
      "\0\xff",
      "x".repeat(random.below(200)),
    ]);
  }

  #chunks(): string {
    const random = this.#random;
    let chunks = "";
    for (let count = random.below(4); count > 0; count -= 1) chunks += this.#chunk();
    const last = random.chance(0.05)
      ? random.pick(["", "00", "0;a", "0 ", "000000000000000000", "-0", "0x0"])
      : "0";
    const trailers = random.chance(0.15)
      ? this.#fields()
          .map((field) => field + this.#lineEnd())
          .join("")
      : "";
    return chunks + last + this.#lineEnd() + trailers + this.#lineEnd();
  }

  #chunk(): string {
    const random = this.#random;
    const size = this.#mostly(SIZES, ODD_SIZES, 0.05);
    const length = Math.min(Math.abs(Number.parseInt(size, 16) || 0), 64);
    const extension = random.chance(0.2) ? random.pick(EXTENSIONS) : "";
    return size + extension + this.#lineEnd() + "x".repeat(length) + this.#lineEnd();
  }
}
