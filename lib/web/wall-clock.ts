/** The time on the wall, for the rooms above that know no fields. */
export { wallClock } from "../fields/date.ts";
