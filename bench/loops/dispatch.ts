// A request through TestClient, over and over: the real protocol over a transport in memory.
import { TestClient } from "weftline/testing";
import { referenceApp } from "../apps/reference-app.ts";
import { repeat } from "./repeat.ts";

const client = new TestClient(referenceApp("."));
await repeat(async () => {
  const reply = await client.get("/");
  return reply.text.length;
});
