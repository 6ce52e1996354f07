import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { expect } from "chai";
import { ScratchFolder } from "../support/scratch-folder.ts";
import { CommandProcess } from "./command-process.ts";

const HELD = `import { NOT_DONE_YET, Resource } from "weftline";
class Held extends Resource {
  isLeaf = true;
  render_GET(request) {
    request.write("begun ");
    request.callLater(Number(request.query.get("ms")), () => {
      request.write("done");
      request.finish();
    });
    return NOT_DONE_YET;
  }
}
export default new Held();
`;

const CRASH = `import { Resource } from "weftline";
class Crash extends Resource {
  isLeaf = true;
  render_GET(request) {
    request.clock.callLater(0, () => { throw new Error("the clock reports this"); });
    setTimeout(() => { throw new Error("nobody catches this"); }, 20);
    return "crashing";
  }
}
export default new Crash();
`;

const FLOATING = `import { NOT_DONE_YET, Resource } from "weftline";
class Floating extends Resource {
  isLeaf = true;
  render_GET(request) {
    request.write("begun");
    (async () => { await request.notifyFinish(); })();
    return NOT_DONE_YET;
  }
}
export default new Floating();
`;

function hello(text: string): string {
  return `import { Resource } from "weftline";
class Hello extends Resource {
  isLeaf = true;
  render_GET() { return "${text}"; }
}
export default new Hello();
`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage["headers"];
}

/** One request on a connection of its own. Sends the path as it stands. */
async function ask(url: string, path: string): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const request = get({ hostname, port, path, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const pieces = (await response.toArray()) as Buffer[];
  const text = Buffer.concat(pieces).toString();
  return { status: response.statusCode ?? 0, text, headers: response.headers };
}

/** A connection whose request has been begun to be answered. */
async function begin(url: string, path: string): Promise<{ socket: Socket; all: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  const all = once(socket, "close").then(() => text);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, "data");
  return { socket, all };
}

async function refused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve) => {
    socket.once("error", () => resolve(true));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });
}

describe("cli/web, as a process", function () {
  this.timeout(20_000); // each test starts a process, on a machine that may be busy
  this.slow(2000);

  let folder: ScratchFolder;
  let command: CommandProcess | undefined;

  beforeEach(() => {
    folder = new ScratchFolder();
  });

  afterEach(async () => {
    await command?.kill();
    folder.remove();
  });

  const start = (words: string, env?: NodeJS.ProcessEnv): CommandProcess => {
    command = new CommandProcess(["web", ...words.split(" ")], folder.path, env);
    return command;
  };

  it("serves files and scripts, logs, and finishes what is in progress at SIGTERM", async () => {
    folder.write("page.html", "<p>static");
    folder.write("hello.resource.ts", hello("one"));
    folder.write("held.resource.ts", HELD);
    const served = start("--path . --scripts --listen tcp:0");
    const [url = ""] = await served.urls();
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);

    expect(await ask(url, "/page.html")).to.include({ status: 200, text: "<p>static" });
    expect(await ask(url, "/hello/more")).to.include({ status: 200, text: "one" });
    folder.write("hello.resource.ts", hello("two, edited"));
    expect(await ask(url, "/hello")).to.include({ text: "two, edited" });
    folder.write("hello.resource.ts", "\n\nexport default new Nobody();");
    const broken = await ask(url, "/hello");
    expect(broken.status).to.equal(500);
    expect(broken.text).not.to.match(/Nobody|hello\.resource|at /);
    expect(served.err).to.match(
      /ReferenceError: Nobody is not defined\n +at .*hello\.resource\.ts:3:/,
    );
    folder.write("hello.resource.ts", hello("mended"));
    expect(await ask(url, "/hello")).to.include({ text: "mended" });
    for (const path of [
      "/hello.resource.ts",
      "/hello%2eresource.ts",
      "/x/../hello.resource.ts",
      "/%2e%2e/hello.resource.ts",
    ]) {
      expect((await ask(url, path)).status, path).to.equal(404);
    }
    await served.printed(/"GET \/page\.html HTTP\/1\.1" 200 9 "-" "-"\n/);
    expect(served.out).to.match(/"GET \/page\.html HTTP\/1\.1" 200 9 "-" "-"\n/);

    // A client that leaves ends no server, though nobody handles that it has left.
    folder.write("floating.resource.ts", FLOATING);
    (await begin(url, "/floating")).socket.destroy();
    await served.printed(/"GET \/floating/);
    expect((await ask(url, "/nothing")).status).to.equal(404);
    expect(served.err).to.match(
      /\nwarning: nobody handled that the client .*\n\[?DisconnectedError: /,
    );

    const idle = connect(Number(new URL(url).port), "127.0.0.1");
    await once(idle, "connect");
    const held = await begin(url, "/held?ms=400");
    served.signal("SIGHUP"); // ignored
    served.signal("SIGTERM");
    await once(idle.resume(), "close");
    expect(await refused(url)).to.equal(true);
    expect(await held.all).to.match(/begun .*done.*0\r\n\r\n$/s);
    expect(await served.exited).to.equal(0);
  });

  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`exits with ${code} at once at a second ${name}`, async () => {
      folder.write("held.resource.ts", HELD);
      const served = start("--path . --scripts --listen tcp:0");
      const [url = ""] = await served.urls();
      const held = await begin(url, "/held?ms=60000");
      served.signal(name);
      while (!(await refused(url))); // the first has been dealt with
      served.signal(name);
      expect(await served.exited).to.equal(code);
      await held.all;
    });
  }

  it("does not run scripts unasked, nor show them, and goes on when nobody reads its output", async () => {
    folder.write("hello.resource.ts", hello("one"));
    folder.write("page.html", "static");
    const served = start("--path . --listen tcp:0");
    const [url = ""] = await served.urls();
    for (const path of ["/hello", "/hello.resource.ts", "/hello.resource.ts/"]) {
      expect((await ask(url, path)).status, path).to.equal(404);
    }
    served.child.stdout?.destroy();
    served.child.stderr?.destroy();
    for (let count = 0; count < 5; count++) {
      expect((await ask(url, "/page.html")).status).to.equal(200);
    }
    served.signal("SIGINT");
    expect(await served.exited).to.equal(0);
  });

  it("shows what nobody caught, lets others finish, and exits with 1", async () => {
    folder.write("held.resource.ts", HELD);
    folder.write("crash.resource.ts", CRASH);
    const served = start("--path . --scripts --listen tcp:0");
    const [url = ""] = await served.urls();
    const held = await begin(url, "/held?ms=300");
    expect((await ask(url, "/crash")).text).to.equal("crashing");
    expect(await held.all).to.match(/done/);
    expect(await served.exited).to.equal(1);
    expect(served.err).to.match(/an error in a delayed call\nError: the clock reports this\n/);
    expect(served.err).to.match(
      /uncaught.*\nError: nobody catches this\n +at .*crash\.resource\.ts:6:/,
    );
  });

  it("listens everywhere or nowhere", async () => {
    const taken = createServer();
    await once(taken.listen(0, "127.0.0.1"), "listening");
    const { port } = taken.address() as { port: number };
    folder.write("page.html", "static");
    const served = start(`--path . --listen tcp:0 --listen tcp:${port}`);
    expect(await served.exited).to.equal(1);
    expect(served.out).to.equal("");
    expect(served.err).to.match(
      new RegExp(`^weftline web: cannot listen on "tcp:${port}:.*": it is in use .*\\n$`),
    );
    taken.close();
  });

  it("serves a class, at several places, with fields, JSON in the log, and errors on the page", async () => {
    folder.write(
      "app.ts",
      'import { Resource } from "weftline";\nexport class App extends Resource {\n  isLeaf = true;\n  render_GET(): string { throw new Error("shown"); }\n}\n',
    );
    const served = start(
      "--class app.ts#App --listen tcp:0 --listen tcp:0:interface=localhost --add-header X-Served:yes --display-tracebacks --log-format json",
    );
    const [url = "", second = ""] = await served.urls(2);
    const answer = await ask(url, "/any/where");
    expect(answer.status).to.equal(500);
    expect(answer.text).to.match(/Error: shown\n +at .*app\.ts:4:/);
    expect(answer.headers).to.include({ "x-served": "yes" });
    expect((await ask(second.replace("[::1]", "127.0.0.1"), "/")).status).to.equal(500);
    await served.printed(/\n\{.*\n/);
    const line = served.out.split("\n").find((text) => text.startsWith("{")) ?? "";
    expect(JSON.parse(line)).to.include({
      method: "GET",
      uri: "/any/where",
      status: 500,
      outcome: "error",
    });
  });
});
