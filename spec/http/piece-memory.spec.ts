import { expect } from "chai";
import { pieceMemory } from "../../lib/http/piece-memory.ts";

describe("http/piece-memory", () => {
  for (const bytes of [0, 1, 1024, 32 * 1024, 65_536, 300_000, 512 * 1024, 2_000_000]) {
    it(`gives ${bytes} bytes that no other piece has`, () => {
      const pieces = Array.from({ length: 20 }, (_, index) => pieceMemory(bytes).fill(index));
      for (const [index, piece] of pieces.entries()) {
        expect(piece).to.have.length(bytes);
        expect(piece.every((octet) => octet === index)).to.equal(true);
      }
    });
  }

  it("has large pieces share what was taken from the system, and a small one keep none of it", () => {
    const large = Array.from({ length: 16 }, () => pieceMemory(65_536).buffer);
    expect(new Set(large).size).to.be.within(2, 3);
    expect(pieceMemory(1_000).buffer.byteLength).to.be.below(65_536);
    const block = 512 * 1024;
    const own = [32 * 1024 - 1, 32 * 1024, block, block + 1].map(
      (bytes) => pieceMemory(bytes).buffer.byteLength,
    );
    expect(own).to.deep.equal([32 * 1024 - 1, block, block, block + 1]);
  });
});
