// For the rooms above, which do not know the transport.
export type { Address } from "../transport/address.ts";
export type { Transport } from "../transport/transport.ts";
