import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { Resource } from "../../lib/web/resource.ts";
import { Site } from "../../lib/web/site.ts";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { leaf } from "../support/small-site.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

describe("channel/listener", () => {
  it("says where it is reached", async () => {
    const site = new Site(leaf(() => "hello"));
    const folder = new ScratchFolder();
    try {
      for (const [endpoint, url] of [
        ["tcp:0:interface=127.0.0.1", /^http:\/\/127\.0\.0\.1:\d+\/$/],
        ["tcp:0:interface=0.0.0.0", /^http:\/\/localhost:\d+\/$/],
        [
          "tls:0:interface=127.0.0.1:privateKey=spec/support/tls/localhost.key.pem:cert=spec/support/tls/localhost.cert.pem",
          /^https:\/\/127\.0\.0\.1:\d+\/$/,
        ],
        [`unix:${join(folder.path, "s")}`, /^unix:.*s$/],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const listener = await site.listen(endpoint);
        expect(listener.url).to.match(url);
        expect(listener.port > 0).to.equal(!endpoint.startsWith("unix"));
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await listener.close();
      }
      expect(existsSync(join(folder.path, "s"))).to.equal(false);
    } finally {
      folder.remove();
    }
  });

  it("drains what came by it, and leaves alone what came by another", async () => {
    const site = new Site(leaf(() => "hello"));
    const [one, other] = [
      await site.listen("tcp:0:interface=127.0.0.1"),
      await site.listen("tcp:0:interface=127.0.0.1"),
    ];
    const sockets = [one, other].map(({ port }) => connect(port, "127.0.0.1"));
    for (const socket of sockets) {
      socket.write(GET);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await once(socket, "data");
    }
    const ended = once(sockets[0] ?? connect(0), "end");
    const report = await one.close();
    await ended;
    expect(report).to.deep.equal({ finished: 0, cut: 0 });
    expect(await one.close()).to.equal(report);
    expect(site.connections).to.equal(1);
    sockets[1]?.write(GET);
    await once(sockets[1] ?? connect(0), "data");
    for (const socket of sockets) socket.destroy();
    await site.close();
  });

  it("forgets connections that are over", async () => {
    const site = new Site(leaf(() => "hello"));
    const listener = await site.listen("tcp:0:interface=127.0.0.1");
    for (let count = 0; count < 5; count += 1) {
      const socket = connect(listener.port, "127.0.0.1");
      socket.end(GET);
      socket.resume();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await once(socket, "close");
    }
    expect(await listener.close()).to.deep.equal({ finished: 0, cut: 0 });
  });

  it("takes no connection that accept refuses, and rejects for what cannot be listened at", async () => {
    const site = new Site(new Resource(), { accept: () => false });
    const listener = await site.listen("tcp:0:interface=127.0.0.1");
    const socket = connect(listener.port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    await closed;
    expect(site.connections).to.equal(0);
    const failure: unknown = await site.listen(listener.port).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    expect(
      (await site.listen("nowhere:1").catch((error: unknown) => error)) instanceof Error,
    ).to.equal(true);
    await site.close();
  });
});
