// The ways to say who one is; `Guard` asks them in order.
import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../defer/clock.ts";
import { type Credentials, challenge } from "../fields/authorization.ts";
import {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type DigestAnswer,
  digestChallenges,
  digestSecret,
  isRightDigest,
  readDigest,
} from "../fields/digest.ts";
import { DEFAULT_NONCE_LIMITS, Nonces } from "../fields/nonces.ts";
import { checkPassword, type Passwords } from "../fields/password.ts";
import { sameSecret } from "../fields/secrets.ts";
import type { Request } from "../web/request.ts";
import type { SessionSlot } from "../web/session.ts";

/** Who it is: a name; nobody, since the request brings nothing of this kind; or they could not prove it. `stale`: they could, but with a nonce that is too old. */
export type Identity =
  | { readonly kind: "user"; readonly user: string }
  | { readonly kind: "nobody" | "wrong" | "stale" };

/** One way to say who one is. */
export interface AuthScheme {
  /** Who sent the request; `credentials` is what its Authorization field says, where that is well-formed. */
  identify(request: Request, credentials: Credentials | undefined): Identity | Promise<Identity>;
  /** The name that is claimed, before anything is checked, by which wrong logins are counted; undefined where the credentials are of another kind. */
  accountOf(credentials: Credentials): string | undefined;
  /** The WWW-Authenticate fields of a 401. */
  challenges(identity: Identity, clock: Clock): readonly string[];
  /** The path of a page to log in at, for schemes without a challenge. */
  readonly login?: string | undefined;
}

/** The answer of a callback: true, the name of the user where it is another than the one claimed, or no. */
export type Checked = boolean | string | undefined;

const NOBODY: Identity = Object.freeze({ kind: "nobody" });

const WRONG: Identity = Object.freeze({ kind: "wrong" });

function identityOf(checked: Checked, account: string): Identity {
  if (checked === true) return { kind: "user", user: account };
  return typeof checked === "string" ? { kind: "user", user: checked } : WRONG;
}

/** What a name and a password are checked by: a callback, hashes (`parsePasswords`), or the passwords themselves by name. */
export type PasswordCheck =
  | ((user: string, password: string, request: Request) => Checked | Promise<Checked>)
  | Passwords
  | Readonly<Record<string, string>>;

/** Names the area that is protected; shown by some clients. */
export interface RealmOptions {
  /** `restricted` unless given. A text that no field can have throws a TypeError. */
  readonly realm?: string;
}

const DEFAULT_REALM = "restricted";

/**
 * Basic authentication, RFC 7617: a name and a password in each request, readable by whoever reads the connection. For use over TLS.
 *
 * A callback that answers at once is waited for by nobody. Hashes are checked on a thread; a login that was right is believed for five minutes, since that takes a
 * quarter of a second. An unknown user takes as long as a wrong password.
 */
export function basic(
  check: PasswordCheck,
  { realm = DEFAULT_REALM }: RealmOptions = {},
): AuthScheme {
  const field = challenge("Basic", { realm, charset: "UTF-8" });
  const isRight = passwordCheck(check);
  return {
    identify(request, credentials) {
      if (credentials?.scheme !== "basic") return NOBODY;
      const { user, password } = credentials;
      const checked = isRight(user, password, request);
      if (checked instanceof Promise) return checked.then((later) => identityOf(later, user));
      return identityOf(checked, user);
    },
    accountOf: (credentials) => (credentials.scheme === "basic" ? credentials.user : undefined),
    challenges: () => [field],
  };
}

type PasswordCallback = (
  user: string,
  password: string,
  request: Request,
) => Checked | Promise<Checked>;

function passwordCheck(check: PasswordCheck): PasswordCallback {
  if (typeof check === "function") return check;
  if (isPasswords(check)) return rememberedCheck(check);
  return (user, password) => {
    const own = Object.hasOwn(check, user) ? check[user] : undefined;
    return sameSecret(own ?? "", password) && own !== undefined;
  };
}

function isPasswords(check: Passwords | Readonly<Record<string, string>>): check is Passwords {
  return check instanceof Map;
}

/** How long a login that was right is believed, in ms. */
const BELIEVED_MS = 300_000;
/** Logins that are believed at once; beyond it the oldest is checked anew. */
const MOST_BELIEVED = 1_000;

/** Keeps no password: only what a key that ends with the process makes of it, and of the hash that it was right for. */
function rememberedCheck(passwords: Passwords): PasswordCallback {
  const key = randomBytes(32);
  const believed = new Map<string, number>();
  return (user, password, { clock }) => {
    const text = JSON.stringify([user, password, passwords.get(user)]);
    const login = createHmac("sha256", key).update(text).digest("base64url");
    if (clock.now() - (believed.get(login) ?? -Infinity) < BELIEVED_MS) return true;
    return checkPassword(passwords, user, password).then((right) => {
      believed.delete(login);
      if (!right) return false;
      believed.set(login, clock.now());
      const [oldest = ""] = believed.keys();
      if (believed.size > MOST_BELIEVED) believed.delete(oldest);
      return true;
    });
  };
}

/** How Digest is offered. */
export interface DigestOptions extends RealmOptions {
  /** SHA-256, then MD5 for clients that know nothing else. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** How long a nonce may be used, in ms: 900,000 (15 min, Twisted's). */
  readonly nonceLifeMs?: number;
}

/** A password, or what `digestSecret` made of it; undefined for an unknown user. */
export type DigestPassword = string | { readonly secret: string } | undefined;

/** Where Digest gets passwords from: a callback, or the passwords themselves by name. */
export type DigestLookup =
  | ((user: string, algorithm: DigestAlgorithm) => DigestPassword | Promise<DigestPassword>)
  | Readonly<Record<string, string>>;

/**
 * Digest authentication, RFC 7616, with qop "auth": the password stays with the client, and no request can be sent twice. For old clients; over TLS
 * {@link basic} is simpler, and lets passwords be kept as hashes.
 */
export function digest(lookup: DigestLookup, options: DigestOptions = {}): AuthScheme {
  const { realm = DEFAULT_REALM, algorithms = DIGEST_ALGORITHMS } = options;
  const nonces = new Nonces({ lifeMs: options.nonceLifeMs ?? DEFAULT_NONCE_LIMITS.lifeMs });
  const challengesOf = (stale: boolean, clock: Clock): readonly string[] => {
    const nonce = nonces.issue(clock.now());
    return digestChallenges({ realm, nonce, opaque: nonces.opaque, stale }, algorithms);
  };
  digestChallenges({ realm, nonce: "", opaque: "", stale: false }, algorithms);
  const find = digestLookup(lookup);
  return {
    identify(request, credentials) {
      if (credentials?.scheme !== "digest") return NOBODY;
      const answer = readDigest(credentials.parameters, algorithms);
      if (answer === undefined) return WRONG;
      const isOurs =
        answer.realm === realm && answer.opaque === nonces.opaque && answer.uri === request.uri;
      if (!isOurs) return WRONG;
      const conclude = (found: DigestPassword): Identity => proved(answer, found, request, nonces);
      const found = find(answer.user, answer.algorithm);
      return found instanceof Promise ? found.then(conclude) : conclude(found);
    },
    accountOf: (credentials) =>
      credentials.scheme === "digest" ? credentials.parameters.get("username") : undefined,
    challenges: ({ kind }, clock) => challengesOf(kind === "stale", clock),
  };
}

function digestLookup(
  lookup: DigestLookup,
): (user: string, algorithm: DigestAlgorithm) => DigestPassword | Promise<DigestPassword> {
  if (typeof lookup === "function") return lookup;
  return (user) => (Object.hasOwn(lookup, user) ? lookup[user] : undefined);
}

/** Of somebody unknown as much is computed as of a wrong password. */
function proved(
  answer: DigestAnswer,
  found: DigestPassword,
  request: Request,
  nonces: Nonces,
): Identity {
  const { algorithm, user, realm, nonce, nc } = answer;
  const secret =
    typeof found === "object" ? found.secret : digestSecret(algorithm, user, realm, found ?? "");
  const isRight = isRightDigest(answer, request.method, secret);
  if (!isRight || found === undefined) return WRONG;
  const state = nonces.use(nonce, Number.parseInt(nc, 16), request.clock.now());
  if (state === "fresh") return { kind: "user", user };
  return state === "stale" ? { kind: "stale" } : WRONG;
}

/** A token in each request, RFC 6750. `check` says whose it is; what is secret in it, it compares with `sameSecret`, or looks up by a hash. */
export function bearer(
  check: (token: string, request: Request) => Checked | Promise<Checked>,
  { realm = DEFAULT_REALM }: RealmOptions = {},
): AuthScheme {
  const field = challenge("Bearer", { realm });
  const afterWrong = challenge("Bearer", { realm, error: "invalid_token" });
  return {
    identify(request, credentials) {
      if (credentials?.scheme !== "bearer") return NOBODY;
      const checked = check(credentials.token, request);
      if (checked instanceof Promise) return checked.then((later) => identityOf(later, ""));
      return identityOf(checked, "");
    },
    accountOf: (credentials) => (credentials.scheme === "bearer" ? "" : undefined),
    challenges: ({ kind }) => [kind === "wrong" ? afterWrong : field],
  };
}

/** How a visitor logs in who has not yet. */
export interface SessionLoginOptions {
  /** The path of the page to do so at: whoever is not logged in is led there, with `?next=` and where they wanted to go. Without it, 403. */
  readonly login?: string;
}

/**
 * A login that the session remembers: `slot` has the name of the user, or nothing.
 *
 * The page that logs in does `await session.regenerate()` and `await session.set(slot, user)`; one that logs out `await session.expire()`.
 */
export function sessionLogin(
  slot: SessionSlot<string>,
  { login }: SessionLoginOptions = {},
): AuthScheme {
  return {
    async identify(request) {
      const session = await request.session();
      const user = session.has(slot) ? session.get(slot) : "";
      return user === "" ? NOBODY : { kind: "user", user };
    },
    accountOf: () => undefined,
    challenges: () => [],
    login,
  };
}
