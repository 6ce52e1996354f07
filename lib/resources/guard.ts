import { type Credentials, parseAuthorization } from "../fields/authorization.ts";
import type { Rendered } from "../web/body.ts";
import { HttpError } from "../web/http-error.ts";
import { isLocal } from "../web/redirect.ts";
import type { Request } from "../web/request.ts";
import { Resource } from "../web/resource.ts";
import { type AttemptLimits, Attempts, DEFAULT_ATTEMPTS } from "./guard-attempts.ts";
import type { AuthScheme, Identity } from "./guard-schemes.ts";

/** What is guarded: a resource, or one for each user. */
export type Guarded = Resource | ((user: string, request: Request) => Resource | Promise<Resource>);

/** How a {@link Guard} treats those who are nobody, those who go, and those who guess. */
export interface GuardOptions {
  /** What there is for those who do not say who they are; without it they are asked. Who says it wrong is refused all the same. */
  readonly anonymous?: Resource | ((request: Request) => Resource | Promise<Resource>);
  /** Called at the end of each request that was let in, whichever end it is. */
  readonly logout?: (user: string, request: Request) => void;
  /** Wrong logins for one account from one address, after which all are answered 429 for a while: 10 a minute. `false`: any number. */
  readonly attempts?: AttemptLimits | false;
}

/**
 * Lets only those in who say who they are, by one of the schemes. Twisted's `HTTPAuthSessionWrapper`.
 *
 * ```ts
 * root.putChild("private", new Guard(new File("private"), basic(users, { realm: "private" })));
 * ```
 *
 * It covers everything below it. `request.user` is the name. Nobody, a wrong password, an unknown scheme and malformed credentials are answered 401 with one
 * WWW-Authenticate for each challenge; without a challenge, by a redirect to the page to log in at, or 403. An error thrown by a check is answered 500.
 * Where no check returns a promise, nothing waits.
 */
export class Guard extends Resource {
  readonly #guarded: Guarded;
  readonly #schemes: readonly AuthScheme[];
  readonly #options: GuardOptions;
  readonly #attempts: Attempts | undefined;

  /** Throws a TypeError without a scheme: nobody could get in. */
  constructor(
    guarded: Guarded,
    schemes: AuthScheme | readonly AuthScheme[],
    options: GuardOptions = {},
  ) {
    super();
    this.#guarded = guarded;
    this.#schemes = "identify" in schemes ? [schemes] : schemes;
    if (this.#schemes.length === 0) throw new TypeError("a guard needs a scheme");
    this.#options = options;
    const { attempts = DEFAULT_ATTEMPTS } = options;
    this.#attempts = attempts === false ? undefined : new Attempts(attempts);
  }

  override getChildWithDefault(_name: string, request: Request): Resource | Promise<Resource> {
    request.ascend();
    return this.#admit(request);
  }

  override render(request: Request): Rendered {
    const admitted = this.#admit(request);
    if (admitted instanceof Promise) {
      return admitted.then((resource) => resource.render(request));
    }
    return admitted.render(request);
  }

  /** What there is for whoever sent the request. Throws, or rejects with, the answer to those who may not. */
  #admit(request: Request): Resource | Promise<Resource> {
    const field = request.headers.get("authorization");
    const credentials = field === null ? undefined : parseAuthorization(field);
    if (credentials !== undefined) this.#checkAttempts(request, credentials);
    const identity = this.#identify(request, credentials, 0);
    return identity instanceof Promise
      ? identity.then((found) => this.#conclude(request, credentials, found))
      : this.#conclude(request, credentials, identity);
  }

  /** Asks one scheme after the other, until one knows. */
  #identify(
    request: Request,
    credentials: Credentials | undefined,
    index: number,
  ): Identity | Promise<Identity> {
    const scheme = this.#schemes[index];
    if (scheme === undefined) return { kind: "nobody" };
    const identity = scheme.identify(request, credentials);
    const go = (found: Identity): Identity | Promise<Identity> =>
      found.kind === "nobody" ? this.#identify(request, credentials, index + 1) : found;
    return identity instanceof Promise ? identity.then(go) : go(identity);
  }

  #conclude(
    request: Request,
    credentials: Credentials | undefined,
    identity: Identity,
  ): Resource | Promise<Resource> {
    // Others may have guessed while this one was checked.
    if (credentials !== undefined) this.#checkAttempts(request, credentials);
    switch (identity.kind) {
      case "user":
        return this.#letIn(request, identity.user);
      case "wrong":
        if (credentials !== undefined) this.#countAttempt(request, credentials);
        throw this.#refuse(request, identity);
      case "stale":
        throw this.#refuse(request, identity);
      case "nobody":
        return this.#anonymous(request, identity);
      /* c8 ignore next 2 -- the type has no other */
      default:
        return identity satisfies never;
    }
  }

  #letIn(request: Request, user: string): Resource | Promise<Resource> {
    request.user = user;
    const { logout } = this.#options;
    if (logout !== undefined) request.own(() => logout(user, request));
    return typeof this.#guarded === "function" ? this.#guarded(user, request) : this.#guarded;
  }

  #anonymous(request: Request, identity: Identity): Resource | Promise<Resource> {
    const { anonymous } = this.#options;
    const isSilent = !request.headers.has("authorization");
    if (anonymous !== undefined && isSilent) {
      return typeof anonymous === "function" ? anonymous(request) : anonymous;
    }
    const login = this.#schemes.find((scheme) => scheme.login !== undefined)?.login;
    if (login !== undefined && isSilent) return new LoginRedirect(login);
    throw this.#refuse(request, identity);
  }

  #refuse(request: Request, identity: Identity): HttpError {
    const challenges = this.#schemes.flatMap((one) => one.challenges(identity, request.clock));
    for (const field of challenges) request.addLasting("WWW-Authenticate", field);
    // RFC 9110 section 15.5.2: a 401 has a challenge.
    return new HttpError(challenges.length === 0 ? 403 : 401);
  }

  #checkAttempts(request: Request, credentials: Credentials): void {
    const account = this.#accountOf(credentials);
    this.#attempts?.check(account, request.client.host, request.clock.now());
  }

  #countAttempt(request: Request, credentials: Credentials): void {
    const account = this.#accountOf(credentials);
    this.#attempts?.failed(account, request.client.host, request.clock.now());
  }

  #accountOf(credentials: Credentials): string {
    for (const scheme of this.#schemes) {
      const account = scheme.accountOf(credentials);
      if (account !== undefined) return account;
    }
    return "";
  }
}

/** Leads to the page to log in at. */
class LoginRedirect extends Resource {
  override isLeaf = true;
  readonly #login: string;

  constructor(login: string) {
    super();
    this.#login = login;
  }

  override render(request: Request): Rendered {
    const joint = this.#login.includes("?") ? "&" : "?";
    // One that request.redirect would refuse is of no use to the page.
    const next = isLocal(request.uri) ? request.uri : "/";
    request.setHeader("Cache-Control", "no-store");
    return request.redirect(`${this.#login}${joint}next=${encodeURIComponent(next)}`, 303);
  }
}
