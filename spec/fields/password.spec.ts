import { expect } from "chai";
import {
  checkPassword,
  hashPassword,
  MAX_PASSWORD_BYTES,
  parsePasswords,
  verifyPassword,
} from "../../lib/fields/password.ts";

const CHEAP = { ln: 4, r: 8, p: 1 };

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("fields/password", () => {
  it("finds the right password right and a wrong one wrong", async () => {
    const stored = await hashPassword("open sesame", CHEAP);
    expect(stored).to.match(/^\$scrypt\$ln=4,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verifyPassword("open sesame", stored)).to.be.true;
    expect(await verifyPassword("open sesamE", stored)).to.be.false;
    expect(await verifyPassword("", stored)).to.be.false;
  });

  it("agrees with the test vector of RFC 7914", async () => {
    const stored =
      "$scrypt$ln=10,r=8,p=16$TmFDbE5hQ2xOYUNs$" +
      Buffer.alloc(32).toString("base64").replace("=", "");
    expect(await verifyPassword("password", stored)).to.be.false;
    const salt = Buffer.from("SodiumChloride").toString("base64").replace(/=+$/, "");
    const hash =
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
      "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887";
    const vector = `$scrypt$ln=14,r=8,p=1$${salt}$${Buffer.from(hash, "hex").toString("base64").replace(/=+$/, "")}`;
    expect(await verifyPassword("pleaseletmein", vector)).to.be.true;
  });

  it("salts each anew, and does not mind how letters are composed", async () => {
    const stored = await hashPassword("\u00e9", CHEAP);
    expect(stored).not.to.equal(await hashPassword("\u00e9", CHEAP));
    expect(await verifyPassword("e\u0301", stored)).to.be.true;
  });

  it("takes a password as long as allowed, and no longer", async () => {
    const long = "é".repeat(MAX_PASSWORD_BYTES / 2);
    expect(await verifyPassword(long, await hashPassword(long, CHEAP))).to.be.true;
    expect(await failure(hashPassword(`${long}x`, CHEAP))).to.be.instanceOf(RangeError);
    expect(await verifyPassword(`${long}x`, await hashPassword("", CHEAP))).to.be.false;
  });

  for (const stored of [
    "",
    "secret",
    "$scrypt$",
    "$scrypt$ln=21,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=4,r=33,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=4,r=8,p=17$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
  ]) {
    it(`does not take ${JSON.stringify(stored)} for a stored password`, async () => {
      expect(await failure(verifyPassword("a", stored))).to.be.instanceOf(TypeError);
    });
  }

  it("says so where scrypt itself refuses the cost", async () => {
    const stored = "$scrypt$ln=0,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";
    expect(await failure(verifyPassword("a", stored))).to.be.instanceOf(Error);
  });

  it("reads a password file", async () => {
    const [one, other] = await Promise.all(["1", "2"].map((text) => hashPassword(text, CHEAP)));
    const passwords = parsePasswords(`# users\r\nann:${one}\n\nböb:${other}\n`);
    expect([...passwords]).to.deep.equal([
      ["ann", one],
      ["böb", other],
    ]);
    expect(await checkPassword(passwords, "ann", "1")).to.be.true;
    expect(await checkPassword(passwords, "ann", "2")).to.be.false;
    expect(await checkPassword(passwords, "böb", "2")).to.be.true;
  });

  for (const line of ["ann", ":x", "ann:secret", "ann:$scrypt$ln=4"]) {
    it(`does not take ${JSON.stringify(line)} for a line of it, and does not repeat it`, () => {
      expect(() => parsePasswords(`\n${line}`)).to.throw(TypeError, /^line 2 /);
    });
  }

  it("refuses a name that comes twice", async () => {
    const line = `ann:${await hashPassword("1", CHEAP)}`;
    expect(() => parsePasswords(`${line}\n${line}`)).to.throw(TypeError, /^line 2 /);
  });

  it("finds every password of an unknown user wrong, after as much work", async () => {
    expect(await checkPassword(new Map(), "nobody", "")).to.be.false;
  }).timeout(10_000);
});
