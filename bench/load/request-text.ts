/** What a load generator sends, over and over. */
export interface RequestText {
  readonly before: string;
  readonly after: string;
  /** Whether a number goes between the two that is another one each time. */
  readonly counted: boolean;
  /** How many requests a connection sends at once, before it waits for as many answers. */
  readonly depth: number;
}

type Field = readonly [name: string, value: string];

/** Where {@link requestText} puts the number that is another one each time. */
export const COUNTER = "{counter}";

/** What a browser sends along, twelve fields in all with Host. The session cookie is another one each time. */
export const BROWSER_FIELDS: readonly Field[] = [
  ["Connection", "keep-alive"],
  ["sec-ch-ua", '"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"'],
  ["sec-ch-ua-mobile", "?0"],
  ["sec-ch-ua-platform", '"Linux"'],
  [
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
  ],
  ["Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"],
  ["Sec-Fetch-Site", "same-origin"],
  ["Sec-Fetch-Mode", "navigate"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-GB,en;q=0.9,de;q=0.8"],
  ["Cookie", `session=4fzzzxjylrx; theme=dark; seen=${COUNTER}`],
];

/** `count` fields that mean nothing, the last one another each time. */
export function plainFields(count: number): readonly Field[] {
  return Array.from({ length: count }, (_, index) => {
    return [`X-Field-${index}`, `value ${index === count - 1 ? COUNTER : index}`];
  });
}

/** The text of a request for `path`. */
export function requestText(
  path: string,
  options: {
    readonly method?: string;
    readonly fields?: readonly Field[];
    readonly body?: string;
    readonly depth?: number;
  } = {},
): RequestText {
  const { method = "GET", fields = [], body = "", depth = 1 } = options;
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  if (body !== "") lines.push(`Content-Length: ${body.length}`);
  const text = `${lines.join("\r\n")}\r\n\r\n${body}`;
  const [before = "", after] = text.split(COUNTER);
  return { before, after: after ?? "", counted: after !== undefined, depth };
}
