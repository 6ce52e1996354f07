interface Latin1 {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
}

// Node's own, which turns bytes into a one-byte string without a detour; its name is not in the types, and it takes any Uint8Array for `this`.
// oxlint-disable-next-line typescript/unbound-method, typescript/no-unsafe-type-assertion -- as said
const { latin1Slice } = Buffer.prototype as unknown as Latin1;

/** The bytes from `from` to `to` as text, one character a byte. */
export function latin1(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  return latin1Slice.call(bytes, from, to);
}
