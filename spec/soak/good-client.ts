import { Agent, type IncomingMessage, request } from "node:http";
import type { Random } from "../fuzz/random.ts";

/** What a good client asks for, and what it has to get. */
interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer;
  readonly answer: Buffer;
}

/** A client that keeps to HTTP (node:http's, which knows nothing of Weftline), and counts answers that are wrong. */
export class GoodClient {
  answers = 0;
  readonly wrong: string[] = [];
  readonly #port: number;
  readonly #random: Random;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  /** Asks one question after the other until it is told to stop. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const question = this.#question();
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      await this.#ask(question).then(
        (answer) => this.#judge(question, answer),
        (error: unknown) =>
          this.wrong.push(`${question.method} ${question.path}: ${String(error)}`),
      );
    }
    this.#agent.destroy();
  }

  #judge({ method, path, answer }: Question, got: Buffer): void {
    this.answers += 1;
    if (!got.equals(answer))
      this.wrong.push(`${method} ${path}: ${got.length} bytes in place of ${answer.length}`);
  }

  #question(): Question {
    const random = this.#random;
    const body = Buffer.alloc(random.below(100_000), String(random.below(10)));
    const id = `n${random.below(1_000)}`;
    const size = random.below(300_000);
    return random.pick<Question>([
      { method: "GET", path: "/", answer: Buffer.from("Hello World\n") },
      { method: "GET", path: `/user/${id}`, answer: Buffer.from(`user ${id}\n`) },
      { method: "GET", path: "/tree/a/b/c/d", answer: Buffer.from("leaf\n") },
      { method: "POST", path: "/echo", body, answer: body },
      { method: "POST", path: "/sink", body, answer: Buffer.from(`${body.length}\n`) },
      { method: "GET", path: `/held?ms=${random.below(50)}`, answer: Buffer.from("done\n") },
      { method: "GET", path: `/stream?bytes=${size}`, answer: Buffer.alloc(size, "x") },
    ]);
  }

  #ask({ method, path, body }: Question): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const asking = request({
        port: this.#port,
        host: "127.0.0.1",
        agent: this.#agent,
        method,
        path,
      });
      asking.on("error", reject);
      asking.on("response", (response: IncomingMessage) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => resolve(Buffer.concat(pieces)));
      });
      asking.end(body);
    });
  }
}
