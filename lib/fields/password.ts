// Passwords as they are kept: `$scrypt$ln=15,r=8,p=3$SALT$HASH`, base64 without padding, the PHC string format.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** What computing a hash costs. */
export interface PasswordCost {
  /** The binary logarithm of scrypt's N: memory is 2^ln · r · 128 bytes. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a quarter of a second of one core: the recommendation of OWASP for this much memory. */
export const DEFAULT_COST: PasswordCost = Object.freeze({ ln: 15, r: 8, p: 3 });

/** Bytes of a password, as UTF-8; a longer one is never right. */
export const MAX_PASSWORD_BYTES = 1_024;

/**
 * Hashes a password with a salt of its own, on a thread of Node's pool. Rejects with a RangeError when it is longer than
 * {@link MAX_PASSWORD_BYTES}. The text is normalized (NFC), so that it does not matter on which keyboard it is typed.
 */
export async function hashPassword(
  password: string,
  cost: PasswordCost = DEFAULT_COST,
): Promise<string> {
  if (isTooLong(password)) throw new RangeError(`a password over ${MAX_PASSWORD_BYTES} B`);
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost, HASH_BYTES);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(hash)}`;
}

const HASH_BYTES = 32;

/** Whether it is the password that was hashed. Rejects with a TypeError where `stored` is not such a text: the fault of whoever keeps it. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, ln, r, p, salt = "", hash = ""] = STORED.exec(stored) ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  // The bounds keep a slip in a file from taking all memory.
  if (hash === "" || cost.ln > 20 || cost.r > 32 || cost.p > 16) {
    throw new TypeError("not a stored password of the form $scrypt$ln=15,r=8,p=3$SALT$HASH");
  }
  const expected = Buffer.from(hash, "base64");
  const given = isTooLong(password) ? "" : password;
  const found = await derive(given, Buffer.from(salt, "base64"), cost, expected.length);
  return timingSafeEqual(found, expected) && given === password;
}

const STORED =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z\d+/]{16,86})\$([A-Za-z\d+/]{22,86})$/;

/** Users and their stored passwords: lines of `name:$scrypt$…`; empty ones and those that begin with `#` are left out. */
export type Passwords = ReadonlyMap<string, string>;

/** Reads a password file. A line that is none of these throws a TypeError that names its number, not its text. */
export function parsePasswords(text: string): Passwords {
  const passwords = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const [user, stored] = [line.slice(0, colon), line.slice(colon + 1)];
    if (colon < 1 || passwords.has(user) || !STORED.test(stored)) {
      throw new TypeError(`line ${index + 1} is not name:$scrypt$…, or has a name again`);
    }
    passwords.set(user, stored);
  }
  return passwords;
}

/** Whether it is the password of that user. An unknown user takes as long as a wrong password, of the default cost. */
export async function checkPassword(
  passwords: Passwords,
  user: string,
  password: string,
): Promise<boolean> {
  const stored = passwords.get(user);
  const right = await verifyPassword(password, stored ?? NOBODYS);
  return right && stored !== undefined;
}

/** A hash of no known password, to be checked for users that do not exist. */
const NOBODYS = `$scrypt$ln=15,r=8,p=3$${"A".repeat(22)}$${"A".repeat(43)}`;

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password.normalize("NFC")) > MAX_PASSWORD_BYTES;
}

function derive(
  password: string,
  salt: Buffer,
  { ln, r, p }: PasswordCost,
  bytes: number,
): Promise<Buffer> {
  const N = 2 ** ln;
  // Node counts a little more than the memory of the algorithm itself.
  const maxmem = 128 * r * (N + p + 2) + 1_024;
  return scryptAsync(password.normalize("NFC"), salt, bytes, { N, r, p, maxmem });
}

const scryptAsync: (...args: [string, Buffer, number, ScryptOptions]) => Promise<Buffer> =
  promisify(scrypt);

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
