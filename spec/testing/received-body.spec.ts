import { expect } from "chai";
import { ReceivedBody } from "../../lib/testing/received-body.ts";

/** "é" in UTF-8, as latin1. */
const E_ACUTE = ["\xc3", "\xa9"] as const;

async function pieces(body: ReceivedBody): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of body) all.push(piece);
  return all;
}

describe("testing/received-body", () => {
  it("is empty at first", () => {
    const body = new ReceivedBody();
    expect([body.text, body.size, body.bytes.length]).to.deep.equal(["", 0, 0]);
  });

  it("gives text and bytes so far", () => {
    const body = new ReceivedBody();
    body.append("ab");
    body.append("c");
    expect(body.text).to.equal("abc");
    expect(body.bytes).to.deep.equal(new Uint8Array([97, 98, 99]));
  });

  it("leaves out half a character until its rest comes, or the end does", () => {
    const body = new ReceivedBody();
    body.append(`a${E_ACUTE[0]}`);
    expect(body.text).to.equal("a");
    body.append(E_ACUTE[1]);
    expect(body.text).to.equal("aé");
    body.append(E_ACUTE[0]);
    body.end();
    expect(body.text).to.equal("aé\ufffd");
  });

  it("keeps a byte order mark", () => {
    const body = new ReceivedBody();
    body.append("\xef\xbb\xbfa");
    expect(body.text).to.equal("\ufeffa");
  });

  it("gives what has come, then each piece as it comes", async () => {
    const body = new ReceivedBody();
    body.append("one");
    const all = pieces(body);
    await Promise.resolve();
    body.append("two");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    body.append(E_ACUTE[0]);
    body.append(E_ACUTE[1]);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    body.end();
    expect(await all).to.deep.equal(["one", "two", "é"]);
  });

  it("gives in one piece what comes while the one before is looked at", async () => {
    const body = new ReceivedBody();
    body.append("one");
    const all: string[] = [];
    for await (const piece of body) {
      all.push(piece);
      if (all.length > 1) break;
      body.append("two");
      body.append("three");
    }
    expect(all).to.deep.equal(["one", "twothree"]);
  });

  it("can be read by several at once, and again", async () => {
    const body = new ReceivedBody();
    const both = Promise.all([pieces(body), pieces(body)]);
    body.append("x");
    body.end();
    expect(await both).to.deep.equal([["x"], ["x"]]);
    expect(await pieces(body)).to.deep.equal(["x"]);
  });

  it("throws where it was cut, after what had come", async () => {
    const body = new ReceivedBody();
    body.append("x");
    body.end(new Error("cut"));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const piece of body) seen.push(piece);
    })();
    await reading.then(
      () => expect.fail("it should be cut"),
      (error: unknown) => expect(String(error)).to.equal("Error: cut"),
    );
    expect(seen).to.deep.equal(["x"]);
  });
});
