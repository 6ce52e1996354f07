import { expect } from "chai";
import { stub } from "sinon";
import { HttpDaemon } from "../../lib/servlet/http-daemon.ts";
import { HttpServer } from "../../lib/servlet/http-server.ts";
import { FakeClock } from "../../lib/testing/fake-clock.ts";
import { TestClient } from "../../lib/testing/test-client.ts";
import { logTo } from "../../lib/web/log.ts";
import { Resource } from "../../lib/web/resource.ts";
import { Text } from "./serving.ts";

/** Shows its name and the rest of the path. */
function shows(name: string): HttpServer {
  return new HttpServer(
    ({ prepath, postpath }) => new Text(`${name} /${prepath.join("/")} ${postpath.join("/")}`),
  );
}

describe("servlet/http-daemon", () => {
  describe("mounts", () => {
    const daemon = new HttpDaemon(0, "127.0.0.1", { clock: new FakeClock() })
      .attach("/logs", shows("logs"))
      .attach("/logs/new/today", shows("today"))
      .attach("/tree", new Resource().putChild("a", new Text("child")));
    const client = new TestClient(daemon.site);
    const CASES: readonly (readonly [path: string, shown: string | number])[] = [
      ["/", 404],
      ["/logs", "logs /logs "],
      ["/logs/", "logs /logs "],
      ["/logs/a/b", "logs /logs a/b"],
      ["/logsx", 404],
      ["/Logs", 404],
      ["/logs/new", "logs /logs new"],
      ["/logs/new/x", "logs /logs new/x"],
      ["/logs/new/today", "today /logs/new/today "],
      ["/logs/new/today/x/", "today /logs/new/today x/"],
      ["/%6Cogs/a", "logs /logs a"],
      ["/x/../logs//a", "logs /logs a"],
      ["/logs/../../etc", 403],
      ["/logs%2Fa", 404],
      ["/tree/a", "child"],
      ["/tree/b", 404],
    ];
    for (const [path, shown] of CASES) {
      it(`${path} is ${shown}`, () => {
        const connection = client.connect();
        connection.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        const reply = connection.expectReply();
        if (typeof shown === "number") expect(reply.status).to.equal(shown);
        else expect(reply.text).to.equal(shown);
        connection.close();
      });
    }

    it("may be at the root, in several places, replaced and taken away", () => {
      const one = new HttpDaemon(0, undefined, { clock: new FakeClock() });
      const root = shows("root");
      one.attach("/", root).attach("/a", root).attach("/a", shows("new"));
      const other = new TestClient(one.site);
      expect(other.get("/").text).to.equal("root / ");
      expect(other.get("/x/y").text).to.equal("root / x/y");
      expect(other.get("/a/b").text).to.equal("new /a b");
      expect(one.detach("/a")).to.equal(true);
      expect(one.detach("/a")).to.equal(false);
      expect(one.detach("/a/b/c")).to.equal(false);
      expect(other.get("/a/b").text).to.equal("root / a/b");
    });

    for (const path of ["", "a", "/a/", "//", "/a//b", "/./a", "/a/..", "/a\\b", "/a\u0000"]) {
      it(`refuses ${JSON.stringify(path)}, which could never match`, () => {
        expect(() => daemon.attach(path, shows("never"))).to.throw(TypeError, "ever");
        expect(() => daemon.detach(path)).to.throw(TypeError);
      });
    }
  });

  describe("authorise", () => {
    class Picky extends HttpDaemon {
      readonly asked: string[] = [];

      override authorise(address: string): boolean {
        this.asked.push(address);
        if (address === "10.0.0.3") throw new Error("oops");
        return address !== "10.0.0.2";
      }
    }

    it("sends no bytes to an address that is refused, and takes a throw for a no", () => {
      const lines: string[] = [];
      const daemon = new Picky(0, undefined, {
        clock: new FakeClock(),
        log: logTo((line) => lines.push(line)),
        accept: ({ host }) => host !== "10.0.0.4",
      });
      daemon.attach("/", shows("root"));
      const client = new TestClient(daemon.site);
      for (const [host, isLetIn] of [
        ["10.0.0.1", true],
        ["10.0.0.2", false],
        ["10.0.0.3", false],
        ["10.0.0.4", false],
      ] as const) {
        const connection = client.connect({ client: host });
        connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        expect(connection.text !== "", host).to.equal(isLetIn);
        expect(connection.closed, host).to.equal(!isLetIn);
        connection.close();
      }
      client.connect({ client: { family: "unix", host: "/run/x", port: 0 } }).close();
      expect(daemon.asked).to.deep.equal(["10.0.0.1", "10.0.0.2", "10.0.0.3", ""]);
      expect(lines.join("\n")).to.contain("oops");
    });
  });

  it("listens between start and stop, and again", async () => {
    const daemon = new HttpDaemon(0, "127.0.0.1");
    daemon.attach("/", shows("root"));
    expect(daemon.port()).to.equal(0);
    expect(await daemon.stop()).to.deep.equal({ finished: 0, cut: 0 });
    for (let round = 0; round < 2; round += 1) {
      // oxlint-disable no-await-in-loop -- one after the other
      await daemon.start();
      await daemon.start();
      expect(daemon.port()).to.be.above(0);
      const reply = await fetch(`http://127.0.0.1:${daemon.port()}/a`, {
        headers: { Connection: "close" },
      });
      expect(await reply.text()).to.equal("root / a");
      expect(await daemon.stop({ graceMs: 1_000 })).to.include({ cut: 0 });
      expect(daemon.port()).to.equal(0);
    }
  });

  it("listens on all addresses where no host is given", async () => {
    const daemon = new HttpDaemon(8_080);
    const listen = stub(daemon.site, "listen").rejects(new Error("not in a spec"));
    await daemon.start().catch(() => undefined);
    expect(listen.args).to.deep.equal([["tcp:8080"]]);
  });

  it("rejects where it cannot listen, and may be started again", async () => {
    const first = new HttpDaemon(0, "::1");
    await first.start();
    const second = new HttpDaemon(first.port(), "::1");
    let failure: unknown;
    await second.start().catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(Error);
    await first.stop();
    await second.start();
    await second.stop();
  });
});
