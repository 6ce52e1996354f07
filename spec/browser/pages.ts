// The pages that are made for a browser, in one: Chromium, headless. Run by `npm run test:browser`, not by `npm test`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type Listener, Site, type SiteOptions } from "weftline";
import { FakeClock } from "weftline/testing";
import { loadExample, NAMES, treeOf } from "../../examples/index.ts";

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Nothing in here takes longer, in ms. */
const PATIENCE_MS = 10_000;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Goes on when it holds; the time limit of the spec ends what never does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

describe("browser", () => {
  const profile = mkdtempSync(join(tmpdir(), "weftline-browser-"));
  let context: BrowserContext;
  let page: Page;
  let clock: FakeClock;
  let site: Site;
  let listener: Listener;

  before(async () => {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: EXECUTABLE,
      args: FLAGS,
      timeout: PATIENCE_MS,
    });
    context.setDefaultTimeout(PATIENCE_MS);
  });

  after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await context.newPage();
    clock = new FakeClock();
  });

  afterEach(async () => {
    await page.close();
    await context.clearCookies();
    await site.close({ graceMs: 0 });
  });

  async function serve(name: string, options: SiteOptions = {}): Promise<void> {
    const { root, options: own } = await loadExample(name);
    site = new Site(root, { ...own, clock, ...options });
    listener = await site.listen("tcp:0:interface=127.0.0.1");
  }

  it("shows the index, and follows its links", async () => {
    const examples = await Promise.all(NAMES.map(loadExample));
    site = new Site(treeOf(examples, new Map()), { clock });
    listener = await site.listen("tcp:0:interface=127.0.0.1");
    await page.goto(listener.url);
    expect(await page.locator("li").count()).to.equal(NAMES.length);
    await page.setViewportSize({ width: 360, height: 640 });
    const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).to.be.at.most(360);
    await page.locator("#dynamic-dispatch").getByText("/2026").click();
    expect(await page.locator("p").textContent()).to.equal("2026 begins on a Thursday.");
    await page.goBack();
    await page.locator("#dynamic-dispatch").getByRole("link", { name: "source" }).click();
    expect(await page.locator("body").textContent()).to.include("class Calendar");
  });

  it("sorts what is in a folder as its heads are clicked, with a policy that lets nothing else in", async () => {
    await serve("static-content");
    const messages: string[] = [];
    page.on("console", (message) => messages.push(message.text()));
    await page.goto(listener.url);
    const names = async (): Promise<string[]> => page.locator("tbody a").allTextContents();
    expect(await names()).to.deep.equal(["notes/", "data.unknown", "hello.txt"]);
    await page.getByRole("link", { name: "Name" }).click();
    expect(await names()).to.deep.equal(["notes/", "hello.txt", "data.unknown"]);
    await page.getByRole("link", { name: "Size" }).click();
    expect(await names()).to.deep.equal(["notes/", "hello.txt", "data.unknown"]);
    await page.getByRole("link", { name: "Size" }).click();
    expect(await names()).to.deep.equal(["notes/", "data.unknown", "hello.txt"]);
    await page.setViewportSize({ width: 360, height: 640 });
    const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).to.be.at.most(360);
    const background = "getComputedStyle(document.documentElement).colorScheme";
    expect(await page.evaluate(background)).to.equal("light dark");
    await page.getByRole("link", { name: "notes/" }).click();
    expect(await page.locator("h1").textContent()).to.equal("Notes");
    await page.goBack();
    await page.getByRole("link", { name: "hello.txt" }).click();
    expect(await page.locator("body").textContent()).to.equal("Hello from a file.\n");
    expect(messages.filter((text) => text.includes("Content Security Policy"))).to.deep.equal([]);
  });

  it("sends a form, and shows what was sent as text", async () => {
    await serve("handling-posts");
    await page.goto(listener.url);
    await page.getByLabel("Say something").fill('<img src=x> & "more" ü');
    await page.getByRole("button").click();
    expect(await page.locator("p").textContent()).to.equal('You submitted: <img src=x> & "more" ü');
    expect(await page.locator("img").count()).to.equal(0);
  });

  it("keeps a session, until it expires", async () => {
    await serve("session-store");
    for (const count of [1, 2, 3]) {
      await page.goto(listener.url);
      expect(await page.locator("p").textContent()).to.equal(`Visit #${count} for you!`);
    }
    const cookies = await context.cookies();
    expect(cookies).to.have.length(1);
    expect(cookies[0]).to.include({ httpOnly: true, sameSite: "Lax" });
    await clock.advanceAsync(15 * 60_000);
    await page.goto(listener.url);
    expect(await page.locator("p").textContent()).to.equal("Visit #1 for you!");
  });

  it("forgets a visitor who presses the button", async () => {
    await serve("session-basics");
    await page.goto(listener.url);
    await page.reload();
    expect(await page.locator("p").first().textContent()).to.include("Welcome back");
    await page.getByRole("button").click();
    expect(await page.locator("p").first().textContent()).to.include("has been expired");
    await page.getByRole("link").click();
    expect(await page.locator("p").first().textContent()).to.include("Welcome, visitor");
  });

  it("shows an answer that comes later", async () => {
    await serve("interrupted");
    const gone = page.goto(listener.url);
    await until(() => clock.pending.length === 1);
    clock.advance(5_000);
    await gone;
    expect(await page.locator("body").textContent()).to.include("Sorry to keep you waiting.");
  });

  async function stopLoading(tab: Page): Promise<void> {
    const session = await context.newCDPSession(tab);
    await session.send("Page.stopLoading");
  }

  const LEAVING: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
    ["presses the stop button", stopLoading],
    ["goes elsewhere", (tab) => tab.goto("about:blank")],
    ["closes the tab", (tab) => tab.close()],
  ];

  for (const [title, leave] of LEAVING) {
    for (const path of ["", "short"]) {
      it(`calls a wait at /${path} off when the visitor ${title}`, async () => {
        const outcomes = new Map<string, string>();
        const accessLog: SiteOptions["accessLog"] = ({ uri, outcome }) =>
          outcomes.set(uri, outcome);
        await serve("interrupted", { accessLog });
        // It stays while the next page is loading.
        await page.goto(new URL("nothing", listener.url).href);
        await page.evaluate(`location.href = ${JSON.stringify(`/${path}`)}; undefined`);
        await until(() => clock.pending.length === 1);
        clock.advance(4_999);
        await leave(page);
        await until(() => clock.pending.length === 0);
        expect(outcomes.get(`/${path}`)).to.equal("aborted");
      });
    }
  }

  it("ends with the browser, too", async () => {
    await serve("interrupted");
    const tab = await context.newPage();
    const gone = tab.goto(listener.url).catch((error: unknown) => error);
    await until(() => clock.pending.length === 1);
    const closed = tab.waitForEvent("close");
    await tab.close({ runBeforeUnload: false });
    await closed;
    expect(await gone).to.be.instanceOf(Error);
    await until(() => clock.pending.length === 0);
  });
});
