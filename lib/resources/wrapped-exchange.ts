import type { Address } from "../channel/address.ts";
import type { Exchange, ExchangeListener, ResponseHead } from "../channel/exchange.ts";
import type { Headers } from "../http/headers.ts";
import type { RequestHead } from "../http/request-head.ts";

/** An exchange that passes everything on to another: what a wrapper around a resource changes of the answers, it overrides. */
export class WrappedExchange implements Exchange {
  protected readonly inner: Exchange;

  constructor(inner: Exchange) {
    this.inner = inner;
  }

  get head(): RequestHead {
    return this.inner.head;
  }

  get client(): Address {
    return this.inner.client;
  }

  get local(): Address {
    return this.inner.local;
  }

  get secure(): boolean {
    return this.inner.secure;
  }

  get bytesSent(): number {
    return this.inner.bytesSent;
  }

  get unsent(): number {
    return this.inner.unsent;
  }

  get begun(): boolean {
    return this.inner.begun;
  }

  get listener(): ExchangeListener {
    return this.inner.listener;
  }

  attach(listener: ExchangeListener): void {
    this.inner.attach(listener);
  }

  take(): Uint8Array | null | undefined {
    return this.inner.take();
  }

  respond(head: ResponseHead, body: string | Uint8Array): void {
    this.inner.respond(head, body);
  }

  start(head: ResponseHead, first: string | Uint8Array): boolean {
    return this.inner.start(head, first);
  }

  write(data: string | Uint8Array): boolean {
    return this.inner.write(data);
  }

  finish(): void {
    this.inner.finish();
  }

  inform(status: number, headers: Headers): void {
    this.inner.inform(status, headers);
  }

  abort(): void {
    this.inner.abort();
  }

  caughtUp(): boolean {
    return this.inner.caughtUp?.() ?? true;
  }
}

/** Calls `amend` with the head of the answer, whatever it is, just before it goes out. */
export class AmendedExchange extends WrappedExchange {
  readonly #amend: (head: ResponseHead) => void;

  constructor(inner: Exchange, amend: (head: ResponseHead) => void) {
    super(inner);
    this.#amend = amend;
  }

  override respond(head: ResponseHead, body: string | Uint8Array): void {
    this.#amend(head);
    this.inner.respond(head, body);
  }

  override start(head: ResponseHead, first: string | Uint8Array): boolean {
    this.#amend(head);
    return this.inner.start(head, first);
  }
}

/** Adds a name to the Vary field (RFC 9110 section 12.5.5), where it is not there yet. */
export function addVary(headers: Headers, name: string): void {
  const before = headers.get("vary");
  const names = (before ?? "").toLowerCase().split(",");
  if (names.some((one) => one.trim() === "*" || one.trim() === name.toLowerCase())) return;
  headers.set("Vary", before === null ? name : `${before}, ${name}`);
}
