import { createHash } from "node:crypto";
import { expect } from "chai";
import * as fc from "fast-check";
import { spy } from "sinon";
import { digestSecret } from "../../lib/fields/digest.ts";
import { hashPassword, parsePasswords } from "../../lib/fields/password.ts";
import { Data } from "../../lib/resources/data.ts";
import { Guard, type Guarded, type GuardOptions } from "../../lib/resources/guard.ts";
import {
  type AuthScheme,
  basic,
  bearer,
  digest,
  sessionLogin,
} from "../../lib/resources/guard-schemes.ts";
import { exploreDisconnects } from "../../lib/testing/explore-disconnects.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import type { TestReply } from "../../lib/testing/test-reply.ts";
import { NOT_DONE_YET, type Rendered } from "../../lib/web/body.ts";
import { logTo } from "../../lib/web/log.ts";
import type { Request } from "../../lib/web/request.ts";
import { Resource } from "../../lib/web/resource.ts";
import { SessionSlot } from "../../lib/web/session.ts";
import { Site } from "../../lib/web/site.ts";

/** Shows who came, and where to. */
class Area extends Resource {
  override isLeaf = true;
  readonly #name: string;

  constructor(name = "area") {
    super();
    this.#name = name;
  }

  override render_GET(request: Request): Rendered {
    return `${this.#name} for ${request.user || "nobody"} at ${request.postpath.join("/")}`;
  }
}

const USERS = { ada: "lovelace", löw: "äö:ü" };
const ADA = basicOf("ada:lovelace");
const NOBODY = new SessionSlot("user", () => "");

function basicOf(pair: string): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

interface Setting {
  readonly guarded?: Guarded;
  readonly options?: GuardOptions;
}

function challengesOf(reply: { readonly headers: TestReply["headers"] }): string {
  return reply.headers.get("www-authenticate") ?? "";
}

/** What a client answers to a challenge. */
const answerTo = (
  challenge: string,
  change: Readonly<Record<string, string | undefined>> = {},
  password = "lovelace",
): { Authorization: string } => {
  const part = (name: string): string =>
    new RegExp(`${name}="?([^",]*)`).exec(challenge)?.[1] ?? "";
  const all: Record<string, string | undefined> = {
    username: "ada",
    realm: "area",
    nonce: part("nonce"),
    uri: "/in",
    opaque: part("opaque"),
    algorithm: part("algorithm"),
    qop: "auth",
    nc: "00000001",
    cnonce: "xyz",
    ...change,
  };
  const hash = (text: string): string =>
    createHash(all["algorithm"] === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const one = hash(`${all["username"]}:${all["realm"]}:${password}`);
  const two = hash(`GET:${all["uri"]}`);
  const response = hash(`${one}:${all["nonce"]}:${all["nc"]}:${all["cnonce"]}:auth:${two}`);
  const fields = Object.entries({ ...all, response, ...change })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value}"`);
  return { Authorization: `Digest ${fields.join(", ").replace(/nc="(\w*)"/, "nc=$1")}` };
};

const challengeOf = (one: TestClient, algorithm = "SHA-256"): string =>
  challengesOf(one.get("/in"))
    .split(/, (?=Digest)/)
    .find((field) => field.includes(algorithm)) ?? "";

describe("resources/guard", () => {
  let clock: FakeClock;
  let errors: string[];

  beforeEach(() => {
    clock = new FakeClock();
    errors = [];
  });

  const serve = (root: Resource): TestClient =>
    new TestClient(new Site(root, { clock, log: logTo((line) => errors.push(line)) }));
  const guarding = (
    schemes: AuthScheme | readonly AuthScheme[],
    { guarded = new Area(), options }: Setting = {},
  ): TestClient => serve(new Resource().putChild("in", new Guard(guarded, schemes, options)));
  describe("with basic", () => {
    const CASES: readonly (readonly [authorization: string, status: number])[] = [
      [ADA.Authorization, 200],
      [ADA.Authorization.replace("Basic", "bASIC"), 200],
      [ADA.Authorization.replace(/=+$/, ""), 200],
      [basicOf("löw:äö:ü").Authorization, 200],
      [basicOf("ada:Lovelace").Authorization, 401],
      [basicOf("ada:").Authorization, 401],
      [basicOf("ada").Authorization, 401],
      [basicOf(":").Authorization, 401],
      [basicOf("grace:lovelace").Authorization, 401],
      [basicOf("grace:").Authorization, 401],
      [basicOf("constructor:x").Authorization, 401],
      [basicOf("__proto__:").Authorization, 401],
      [basicOf("ada:lovelace\0").Authorization, 401],
      [`Basic ${"A".repeat(8_193)}`, 401],
      ["Basic", 401],
      ["Basic ", 401],
      ["Basic !!!", 401],
      ["Basic /w==", 401],
      [`${ADA.Authorization}, ${ADA.Authorization}`, 401],
      ["Bearer abc", 401],
      ["Digest username=ada", 401],
      ["Negotiate abc", 401],
      ["", 401],
    ];
    for (const [authorization, status] of CASES) {
      it(`answers ${status} to ${JSON.stringify(authorization.slice(0, 60))}`, () => {
        const client = guarding(basic(USERS, { realm: 'the "area"' }));
        const reply = client.get("/in/x/y", { headers: { Authorization: authorization } });
        expect(reply.status).to.equal(status);
        expect(challengesOf(reply)).to.equal(
          status === 401 ? 'Basic realm="the \\"area\\"", charset="UTF-8"' : "",
        );
        expect(errors).to.deep.equal([]);
      });
    }

    it("says who it is, and leaves the path to the resource", () => {
      const client = guarding(basic(USERS));
      expect(client.get("/in/x/y", { headers: ADA }).text).to.equal("area for ada at x/y");
      expect(client.get("/in", { headers: ADA }).text).to.equal("area for ada at ");
      expect(client.head("/in/", { headers: ADA }).status).to.equal(200);
      expect(client.head("/in/").status).to.equal(401);
    });

    it("covers children, and children of children", () => {
      const guarded = new Resource();
      guarded.putChild("", new Data("index", "text/plain"));
      guarded.putChild("a", new Resource().putChild("b", new Data("deep", "text/plain")));
      const client = guarding(basic(USERS), { guarded });
      for (const [path, status] of [
        ["", 404],
        ["/", 200],
        ["/a/b", 200],
        ["/a/c", 404],
        ["/a", 405],
      ] as const) {
        expect(client.get(`/in${path}`, { headers: ADA }).status, path).to.equal(
          path === "" ? 405 : status,
        );
        expect(client.get(`/in${path}`).status, path).to.equal(401);
      }
    });

    it("takes a callback, which may answer later, and another name from it", async () => {
      const now = basic((user, password) => user === "a" && password === "b" && "Ada");
      expect(guarding(now).get("/in", { headers: basicOf("a:b") }).text).to.equal(
        "area for Ada at ",
      );
      const later = basic((user) => Promise.resolve(user === "a"));
      for (const path of ["/in", "/in/x"]) {
        expect((await guarding(later).get(path, { headers: basicOf("a:b") })).status).to.equal(200);
        expect((await guarding(later).get(path, { headers: basicOf("b:b") })).status).to.equal(401);
      }
    });

    it("answers 500 to a callback that throws, and says so in the log", async () => {
      const broken = basic(() => {
        throw new Error("no database");
      });
      expect((await guarding(broken).get("/in", { headers: ADA })).status).to.equal(500);
      expect(errors.join()).to.match(/no database/);
    });

    it("takes hashes, and believes a login that was right for five minutes", async function () {
      this.timeout(10_000);
      const cheap = await hashPassword("lovelace", { ln: 4, r: 1, p: 1 });
      const passwords = new Map(parsePasswords(`ada:${cheap}`));
      const client = guarding(basic(passwords));
      expect((await client.get("/in", { headers: ADA })).status).to.equal(200);
      expect(client.get("/in", { headers: ADA }).status).to.equal(200);
      expect((await client.get("/in", { headers: basicOf("ada:x") })).status).to.equal(401);
      expect((await client.get("/in", { headers: basicOf("grace:lovelace") })).status).to.equal(
        401,
      );
      clock.advance(300_000);
      const anew = client.get("/in", { headers: ADA });
      expect(anew.status).to.equal(undefined);
      expect((await anew).status).to.equal(200);
      passwords.set("ada", await hashPassword("other", { ln: 4, r: 1, p: 1 }));
      expect((await client.get("/in", { headers: ADA })).status).to.equal(401);
    });

    it("believes 1,000 at most", async function () {
      this.timeout(10_000);
      const cheap = await hashPassword("x", { ln: 1, r: 1, p: 1 });
      const names = Array.from({ length: 1_001 }, (_, index) => `user${index}`);
      const client = guarding(basic(new Map(names.map((name) => [name, cheap]))));
      for (const name of names) await client.get("/in", { headers: basicOf(`${name}:x`) });
      expect(client.get("/in", { headers: basicOf("user1:x") }).status).to.equal(200);
      const oldest = client.get("/in", { headers: basicOf("user0:x") });
      expect(oldest.status).to.equal(undefined);
      expect((await oldest).status).to.equal(200);
    });

    it("refuses a realm that no field can have", () => {
      for (const scheme of [basic, digest]) {
        expect(() => scheme({}, { realm: "a\nb" })).to.throw(TypeError);
      }
      expect(() => bearer(() => true, { realm: "a\nb" })).to.throw(TypeError);
    });

    it("is never answered 500, whatever is in the field", () => {
      const client = guarding([basic(USERS), digest(USERS), bearer(() => false)], {
        options: { attempts: false },
      });
      const field = fc.oneof(
        fc.string({ unit: "grapheme-ascii" }),
        fc.base64String().map((text) => `Basic ${text}`),
        fc.string({ unit: "grapheme-ascii" }).map((text) => `Digest ${text}`),
        fc.string({ unit: "grapheme-ascii" }).map((text) => `Digest username="ada", ${text}`),
      );
      fc.assert(
        fc.property(field, (text) => {
          const { status } = client.get("/in", { headers: { Authorization: text } });
          expect(status).to.be.oneOf([400, 401]);
        }),
        { numRuns: 300 },
      );
      expect(errors).to.deep.equal([]);
    });
  });

  /** Guarded by digest. */
  const digesting = (
    options: { algorithms?: readonly ("SHA-256" | "MD5")[]; nonceLifeMs?: number } = {},
  ): TestClient => guarding(digest(USERS, { realm: "area", ...options }));

  describe("with digest", () => {
    it("offers SHA-256 first, then MD5", () => {
      const reply = digesting().get("/in");
      expect(reply.status).to.equal(401);
      expect(challengesOf(reply)).to.match(
        /^Digest .*algorithm=SHA-256,.*, Digest .*algorithm=MD5,/,
      );
      expect(challengesOf(reply)).not.to.include("stale");
    });

    for (const algorithm of ["SHA-256", "MD5"] as const) {
      it(`lets in who answers by ${algorithm}`, () => {
        const one = digesting();
        const headers = answerTo(challengeOf(one, algorithm));
        expect(one.get("/in", { headers }).text).to.equal("area for ada at ");
      });
    }

    it("takes a lookup that answers later, and the secret in the place of the password", async () => {
      const secrets = digest(
        (user, algorithm) =>
          Promise.resolve(
            user === "ada"
              ? { secret: digestSecret(algorithm, "ada", "area", "lovelace") }
              : undefined,
          ),
        { realm: "area" },
      );
      const one = guarding(secrets);
      expect((await one.get("/in", { headers: answerTo(challengeOf(one)) })).status).to.equal(200);
      const other = answerTo(challengeOf(one), { username: "grace" });
      expect((await one.get("/in", { headers: other })).status).to.equal(401);
    });

    const WRONG: readonly (readonly [
      what: string,
      change: Readonly<Record<string, string | undefined>>,
      status?: number,
    ])[] = [
      ["another response", { response: "0".repeat(64) }],
      ["another realm", { realm: "other" }],
      ["another target", { uri: "/other" }],
      ["another opaque", { opaque: "other" }],
      ["no opaque", { opaque: undefined }],
      ["a made-up nonce", { nonce: "A".repeat(56) }],
      ["an unknown user", { username: "grace" }],
      ["a name of Object.prototype", { username: "constructor" }],
      ["no nc", { nc: undefined }],
      ["nc 0", { nc: "00000000" }],
      ["no cnonce", { cnonce: undefined }],
      ["another qop", { qop: "auth-int" }],
      ["another algorithm", { algorithm: "SHA-512-256" }, 400],
    ];
    for (const [what, change, status = 401] of WRONG) {
      it(`answers ${status} to ${what}`, () => {
        const one = digesting();
        expect(one.get("/in", { headers: answerTo(challengeOf(one), change) }).status).to.equal(
          status,
        );
        expect(errors).to.deep.equal([]);
      });
    }

    it("answers 401 to a wrong password, and to an unknown user with an empty one", () => {
      const one = digesting();
      expect(one.get("/in", { headers: answerTo(challengeOf(one), {}, "wrong") }).status).to.equal(
        401,
      );
      const empty = answerTo(challengeOf(one), { username: "grace" }, "");
      expect(one.get("/in", { headers: empty }).status).to.equal(401);
    });

    it("answers 400 to an algorithm that it did not offer", () => {
      const one = digesting({ algorithms: ["SHA-256"] });
      const headers = answerTo(challengeOf(one), { algorithm: "MD5" });
      expect(one.get("/in", { headers }).status).to.equal(400);
    });

    it("takes each count of a nonce once, and only rising", () => {
      const one = digesting();
      const challenge = challengeOf(one);
      for (const [nc, status] of [
        ["00000001", 200],
        ["00000001", 401],
        ["00000002", 200],
        ["0000000a", 200],
        ["00000009", 401],
      ] as const) {
        const reply = one.get("/in", { headers: answerTo(challenge, { nc }) });
        expect(reply.status, nc).to.equal(status);
        if (status === 401) expect(challengesOf(reply)).to.include("stale=true");
      }
    });

    it("says that a nonce is stale after 15 minutes, to who knows the password", () => {
      const one = digesting();
      const challenge = challengeOf(one);
      clock.advance(15 * 60_000 + 1);
      const reply = one.get("/in", { headers: answerTo(challenge) });
      expect(reply.status).to.equal(401);
      expect(challengesOf(reply)).to.include("stale=true");
      const wrong = one.get("/in", { headers: answerTo(challenge, {}, "wrong") });
      expect(challengesOf(wrong)).not.to.include("stale");
      const again = answerTo(challengesOf(reply).split(", Digest")[0] ?? "");
      expect(one.get("/in", { headers: again }).status).to.equal(200);
    });

    it("has the life of a nonce from its options", () => {
      const one = digesting({ nonceLifeMs: 1_000 });
      const challenge = challengeOf(one);
      clock.advance(1_001);
      expect(one.get("/in", { headers: answerTo(challenge) }).status).to.equal(401);
    });
  });

  describe("with bearer", () => {
    const scheme = bearer((token) => (token === "abc" ? "robot" : undefined), { realm: "api" });

    it("lets in whose token the callback knows", () => {
      const headers = { Authorization: "Bearer abc" };
      expect(guarding(scheme).get("/in", { headers }).text).to.equal("area for robot at ");
      const nameless = bearer((token) => Promise.resolve(token === "abc"));
      return guarding(nameless)
        .get("/in", { headers })
        .then(({ text }) => expect(text).to.equal("area for nobody at "));
    });

    it("says that a token is invalid only where there was one", () => {
      const client = guarding(scheme);
      expect(challengesOf(client.get("/in"))).to.equal('Bearer realm="api"');
      expect(
        challengesOf(client.get("/in", { headers: { Authorization: "Bearer abd" } })),
      ).to.equal('Bearer realm="api", error="invalid_token"');
    });
  });

  describe("with a login by session", () => {
    class Login extends Resource {
      override async render_GET(request: Request): Promise<string> {
        const session = await request.session();
        await session.regenerate();
        await session.set(NOBODY, request.query.get("user") ?? "");
        return "";
      }
    }
    const site = (options?: { login: string }): TestClient =>
      serve(
        new Resource()
          .putChild("login", new Login())
          .putChild(
            "in",
            new Guard(
              new Area(),
              [sessionLogin(NOBODY, options), bearer((token) => token)].slice(0, options ? 2 : 1),
            ),
          ),
      );

    it("leads to the page to log in at, and then lets in", async () => {
      const client = site({ login: "/login" });
      const reply = await client.get("/in/a?b=c");
      expect([reply.status, reply.headers.get("location")]).to.deep.equal([
        303,
        "/login?next=%2Fin%2Fa%3Fb%3Dc",
      ]);
      await client.get("/login?user=ada");
      expect((await client.get("/in/a")).text).to.equal("area for ada at a");
      await client.get("/login?user=");
      expect((await client.get("/in/a")).status).to.equal(303);
    });

    it("keeps the query of that page, and does not name a place that no redirect would go to", async () => {
      const client = site({ login: "/login?a=b" });
      const reply = await client.get("http://localhost/in");
      expect(reply.headers.get("location")).to.equal("/login?a=b&next=%2F");
    });

    it("asks the other schemes too", async () => {
      const headers = { Authorization: "Bearer robot" };
      expect((await site({ login: "/login" }).get("/in", { headers })).text).to.equal(
        "area for robot at ",
      );
      const wrong = { Authorization: "Basic x" };
      expect((await site({ login: "/login" }).get("/in", { headers: wrong })).status).to.equal(401);
    });

    it("answers 403 without such a page", async () => {
      expect((await site().get("/in")).status).to.equal(403);
    });
  });

  it("has a challenge for each scheme, in order", () => {
    const reply = guarding([bearer(() => false), basic(USERS)]).get("/in");
    expect(challengesOf(reply)).to.equal(
      'Bearer realm="restricted", Basic realm="restricted", charset="UTF-8"',
    );
  });

  it("counts a wrong login for the scheme that it is of", () => {
    const options = { attempts: { failures: 1, windowMs: 1_000 } };
    const all = [digest(USERS), bearer(() => false), basic(USERS)];
    const client = guarding(all, { options });
    const wrong = { headers: basicOf("ada:wrong") };
    expect(client.get("/in", wrong).status).to.equal(401);
    expect(client.get("/in", wrong).status).to.equal(429);
    expect(client.get("/in", { headers: { Authorization: "Bearer x" } }).status).to.equal(401);
  });

  it("needs a scheme", () => {
    expect(() => new Guard(new Area(), [])).to.throw(TypeError);
  });

  it("gives each user a tree of their own, now or later", async () => {
    for (const guarded of [
      (user: string) => new Area(`home of ${user}`),
      (user: string) => Promise.resolve(new Area(`home of ${user}`)),
    ]) {
      const client = guarding(basic(USERS), { guarded });
      expect((await client.get("/in/x", { headers: ADA })).text).to.equal(
        "home of ada for ada at x",
      );
      expect((await client.get("/in", { headers: ADA })).text).to.equal("home of ada for ada at ");
    }
  });

  it("has a place for those who do not say who they are, but not for those who say it wrong", () => {
    for (const anonymous of [new Area("lobby"), () => new Area("lobby")]) {
      const client = guarding(basic(USERS), { options: { anonymous } });
      expect(client.get("/in/x").text).to.equal("lobby for nobody at x");
      expect(client.get("/in/x", { headers: basicOf("ada:x") }).status).to.equal(401);
      expect(client.get("/in/x", { headers: { Authorization: "Nonsense" } }).status).to.equal(401);
    }
  });

  it("says goodbye at the end of each request, or when the client leaves", () => {
    class Held extends Area {
      override render_GET(): Rendered {
        return NOT_DONE_YET;
      }
    }
    const logout = spy();
    const client = guarding(basic(USERS), { options: { logout } });
    client.get("/in", { headers: ADA });
    client.get("/in");
    expect(logout.args.map(([user]) => user)).to.deep.equal(["ada"]);
    const held = guarding(basic(USERS), { guarded: new Held(), options: { logout } });
    const reply = held.get("/in", { headers: ADA });
    expect(logout.callCount).to.equal(1);
    reply.disconnect();
    expect(logout.callCount).to.equal(2);
  });

  describe("to those who guess", () => {
    const wrong = basicOf("ada:wrong");

    it("answers 429 after ten wrong logins in a minute, to right ones as well", () => {
      const client = guarding(basic(USERS));
      for (let count = 0; count < 10; count++) {
        expect(client.get("/in", { headers: wrong }).status).to.equal(401);
        clock.advance(1_000);
      }
      for (const headers of [wrong, ADA]) {
        const reply = client.get("/in", { headers });
        expect([reply.status, reply.headers.get("retry-after")]).to.deep.equal([429, "50"]);
      }
      clock.advance(50_000);
      expect(client.get("/in", { headers: ADA }).status).to.equal(200);
      expect(client.get("/in", { headers: wrong }).status).to.equal(401);
      expect(client.get("/in", { headers: ADA }).status).to.equal(200);
    });

    it("keeps accounts and addresses apart", () => {
      const client = guarding(basic(USERS), {
        options: { attempts: { failures: 1, windowMs: 1_000 } },
      });
      client.get("/in", { headers: wrong });
      expect(client.get("/in", { headers: ADA }).status).to.equal(429);
      expect(client.get("/in", { headers: ADA, client: "192.0.2.1" }).status).to.equal(200);
      expect(client.get("/in", { headers: basicOf("löw:äö:ü") }).status).to.equal(200);
      expect(client.get("/in").status).to.equal(401);
    });

    it("counts those that are checked at the same time", async () => {
      let checks = 0;
      const slow = basic(() => {
        checks += 1;
        return Promise.resolve(checks > 2);
      });
      const client = guarding(slow, { options: { attempts: { failures: 2, windowMs: 1_000 } } });
      const replies = [1, 2, 3].map(() => client.get("/in", { headers: wrong }));
      expect((await Promise.all(replies)).map(({ status }) => status)).to.deep.equal([
        401, 401, 429,
      ]);
    });

    it("answers for ever where told so, and does not count who knows a stale nonce", () => {
      const client = guarding(basic(USERS), { options: { attempts: false } });
      for (let count = 0; count < 20; count++) {
        expect(client.get("/in", { headers: wrong }).status).to.equal(401);
      }
    });

    it("remembers 10,000 of them", () => {
      const client = guarding(
        basic(() => false),
        { options: { attempts: { failures: 1, windowMs: 1e9 } } },
      );
      for (let count = 0; count <= 10_000; count++) {
        client.get("/in", { headers: basicOf(`${count}:x`) });
      }
      expect(client.get("/in", { headers: basicOf("1:x") }).status).to.equal(429);
      expect(client.get("/in", { headers: basicOf("0:x") }).status).to.equal(401);
    }).timeout(10_000);
  });

  it("leaves nothing behind, whenever the client leaves", async function () {
    this.timeout(20_000);
    class Slow extends Area {
      override render_GET(request: Request): Rendered {
        request.callLater(1_000, () => {
          request.write("there");
          request.finish();
        });
        return NOT_DONE_YET;
      }
    }
    const later = basic((user) => Promise.resolve(user === "ada"));
    const site = (exploredClock: FakeClock): Site =>
      new Site(new Guard(new Slow(), later), { clock: exploredClock });
    const report = await exploreDisconnects({
      site: () => site(new FakeClock()),
      drive: (client) => client.get("/x", { headers: ADA }),
    });
    report.assertClean();
  });
});
