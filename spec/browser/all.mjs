// Mocha itself would try require() first; see spec/support/all-specs.mjs.
await import("./pages.ts");
