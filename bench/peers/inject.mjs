// fastify.inject, over and over.
import { repeat } from "../loops/repeat.ts";
import { build } from "./fastify.mjs";

const app = build();
await app.ready();
await repeat(async () => {
  const reply = await app.inject("/");
  return reply.payload.length;
});
await app.close();
