export type { Clock, DelayedCall } from "./defer/clock.ts";
