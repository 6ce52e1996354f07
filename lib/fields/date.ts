// Dates as HTTP and the access log write them: always in GMT, to the second. All times are milliseconds since 1970.

/**
 * A time as HTTP sends it, `Sun, 06 Nov 1994 08:49:37 GMT`, cut to the second. RFC 9110 section 5.6.7.
 *
 * The text of the last second asked for is kept, so that a Date field costs nothing. Years are 0 to 9999; another time throws a RangeError.
 */
export function formatHttpDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1_000);
  if (second !== httpSecond) {
    if (!(second >= FIRST_SECOND && second <= LAST_SECOND)) {
      throw new RangeError(`${timeMs} is not a time of the years 0 to 9999`);
    }
    httpText = new Date(second * 1_000).toUTCString();
    httpSecond = second;
  }
  return httpText;
}

let httpSecond = Number.NaN;
let httpText = "";

const FIRST_SECOND = -62_167_219_200;
const LAST_SECOND = 253_402_300_799;

/** A time as the access log writes it, `06/Nov/1994:08:49:37 +0000`: the common log format, in UTC as Twisted's. Kept for a second as well. */
export function formatLogDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1_000);
  if (second !== logSecond) {
    // "1994-11-06T08:49:37.000Z"
    const iso = new Date(second * 1_000).toISOString();
    const month = MONTHS[Number(iso.slice(-19, -17)) - 1];
    logText = `${iso.slice(-16, -14)}/${month}/${iso.slice(0, -20)}:${iso.slice(-13, -5)} +0000`;
    logSecond = second;
  }
  return logText;
}

let logSecond = Number.NaN;
let logText = "";

/**
 * The time that a field says, in any of the three forms that RFC 9110 section 5.6.7 wants understood; undefined for anything else.
 *
 * A two-digit year is taken within 50 years of `nowMs`. The name of the day need not be that of the date. Never throws.
 */
export function parseHttpDate(text: string, nowMs: number = Date.now()): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (groups === undefined) return undefined;
  const number = (name: string): number => Number(groups[name]);
  const year = groups["year"]?.length === 2 ? century(number("year"), nowMs) : number("year");
  const midnight = dayStart(
    year,
    MONTHS.findIndex((name) => name === groups["month"]),
    number("day"),
  );
  if (midnight === undefined) return undefined;
  return midnight + ((number("hour") * 60 + number("minute")) * 60 + number("second")) * 1_000;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const MONTH = `(?<month>${MONTHS.join("|")})`;
const SHORT_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
// A second of 60 is a leap second.
const TIME = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)";
const IMF_FIXDATE = new RegExp(
  `^${SHORT_DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`,
);
const RFC_850 = new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^${SHORT_DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`);

/** Midnight of a date, or undefined where the calendar has no such day. */
function dayStart(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return day >= 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

/** The year with these digits that is from 49 years back to 50 years ahead. RFC 9110 only rules what is further ahead. */
function century(digits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + digits;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}

/** What time it is on the wall: ms since 1970, for fields and logs. Anything that is measured takes a `Clock`. */
export function wallClock(): number {
  return Date.now();
}
