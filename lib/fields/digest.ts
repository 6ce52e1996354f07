// Digest authentication, RFC 7616, with qop "auth" alone: what is asked of a client, what it answers, whether it is right.
import { createHash } from "node:crypto";
import { ProtocolError } from "../http/protocol-error.ts";
import { challenge } from "./authorization.ts";
import type { Parameters } from "./parameters.ts";
import { sameSecret } from "./secrets.ts";

/** How a client computes its answer. MD5 is for clients that know nothing else. */
export type DigestAlgorithm = "SHA-256" | "MD5";

/** The strongest first. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "MD5"];

const HASHES: Readonly<Record<DigestAlgorithm, string>> = { "SHA-256": "sha256", MD5: "md5" };

/** What a client answers to a challenge; all that there must be is there. */
export interface DigestAnswer {
  readonly algorithm: DigestAlgorithm;
  readonly user: string;
  readonly realm: string;
  readonly nonce: string;
  /** The request target as the client signed it; must be that of the request. */
  readonly uri: string;
  /** How many times it has used the nonce, this time included: 8 hexadecimal digits, as sent. */
  readonly nc: string;
  readonly cnonce: string;
  readonly opaque: string | undefined;
  /** In hexadecimal. */
  readonly response: string;
}

/** What a challenge says. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string;
  /** Whether only the nonce was wrong: the client then tries again without asking its user. */
  readonly stale: boolean;
}

/** The WWW-Authenticate fields, one for each algorithm, the strongest first (RFC 7616 section 3.7). A realm that cannot be quoted throws a TypeError. */
export function digestChallenges(
  { realm, nonce, opaque, stale }: DigestChallenge,
  algorithms: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS,
): readonly string[] {
  return algorithms.map((algorithm) =>
    challenge("Digest", {
      realm,
      qop: "auth",
      algorithm,
      nonce,
      opaque,
      charset: "UTF-8",
      ...(stale ? { stale: "true" } : {}),
    }),
  );
}

/**
 * The answer in the parameters of an Authorization field; undefined where it lacks something or is malformed, which is answered 401.
 *
 * Another `qop` than `auth`, `username*` and `userhash` are not understood. An algorithm not among those offered throws a
 * remote {@link ProtocolError}, 400.
 */
export function readDigest(
  parameters: Parameters,
  algorithms: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS,
): DigestAnswer | undefined {
  const named = (parameters.get("algorithm") ?? "MD5").toUpperCase();
  const algorithm = algorithms.find((one) => one === named);
  if (algorithm === undefined) {
    throw new ProtocolError("remote", "the digest algorithm is not one of those offered", 400);
  }
  const wellFormed = GRAMMAR.every(([name, form]) => form.test(parameters.get(name) ?? ""));
  if (!wellFormed) return undefined;
  const value = (name: string): string => parameters.get(name) ?? "";
  const [user, realm] = [utf8(value("username")), utf8(value("realm"))];
  if (user === undefined || realm === undefined) return undefined;
  return {
    algorithm,
    user,
    realm,
    nonce: value("nonce"),
    uri: value("uri"),
    nc: value("nc"),
    cnonce: value("cnonce"),
    opaque: parameters.get("opaque"),
    response: value("response").toLowerCase(),
  };
}

/** What must be there, and its form. */
const GRAMMAR: readonly (readonly [name: string, form: RegExp])[] = [
  ["username", /./],
  ["nonce", /./],
  ["uri", /./],
  ["cnonce", /./],
  ["qop", /^auth$/],
  ["nc", /^[\da-f]{8}$/i],
  ["response", /^(?:[\da-f]{32}){1,2}$/i],
];

/** The text of bytes that came one character each. */
function utf8(bytes: string): string | undefined {
  try {
    return UTF_8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What stands for user and password (RFC 7616 section 3.4.2): in hexadecimal, as a password file may keep it. It is as good as the password. */
export function digestSecret(
  algorithm: DigestAlgorithm,
  user: string,
  realm: string,
  password: string,
): string {
  return hash(algorithm, `${user}:${realm}:${password}`, "utf8");
}

/**
 * Whether the answer is the one of somebody who knows the secret, for a request with this method. In constant time.
 *
 * That the realm, the target and the nonce are right is for the caller to see.
 */
export function isRightDigest(answer: DigestAnswer, method: string, secret: string): boolean {
  const { algorithm, nonce, nc, cnonce, uri, response } = answer;
  const request = hash(algorithm, `${method}:${uri}`, "latin1");
  const text = `${secret}:${nonce}:${nc}:${cnonce}:auth:${request}`;
  return sameSecret(hash(algorithm, text, "latin1"), response);
}

function hash(algorithm: DigestAlgorithm, text: string, encoding: "utf8" | "latin1"): string {
  return createHash(HASHES[algorithm]).update(text, encoding).digest("hex");
}
