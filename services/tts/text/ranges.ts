import { type Rewrite, replaceAll } from "./rewrite.ts";

const days: Readonly<Record<string, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  tues: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  thur: "Thursday",
  thurs: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};
const dayName = "(Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)";
const clock = String.raw`\d{1,2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?(?![A-Za-z]))?`;
const isClock = (text: string) => /:|[AaPp]\.?[Mm]/.test(text);

/** "Mon-Fri" -> "Monday to Friday", "Sat, 9:00" -> "Saturday, 9:00". */
const readDays: readonly Rewrite[] = [
  replaceAll(new RegExp(String.raw`\b${dayName}\.?\s?[-–—]\s?${dayName}\b\.?`, "g"), ([, from = "", to = ""]) => {
    return `${days[from.toLowerCase()]} to ${days[to.toLowerCase()]}`;
  }),
  replaceAll(
    new RegExp(String.raw`\b${dayName}(?:\.,?|,)?(?= \d)`, "g"),
    ([whole, day = ""]) => `${days[day.toLowerCase()]}${whole.endsWith(",") ? "," : ""}`,
  ),
];

/** "9:30-11:00" -> "9:30 to 11:00", "9 am–5 pm" -> "9 am to 5 pm". */
const readTimeRanges: Rewrite = replaceAll(
  new RegExp(String.raw`(?<![\w.:/-])(${clock})\s?[-–—]\s?(${clock})(?![\w:/-])`, "g"),
  ([whole, from = "", to = ""]) => (isClock(from) || isClock(to) ? `${from} to ${to}` : whole),
);

/** "25%–30%" and "10-15%" -> "10 to 15%". */
const readShareRanges: Rewrite = replaceAll(
  /(?<![\w.-])(\d+(?:\.\d+)?)%?\s?[-–]\s?(\d+(?:\.\d+)?)%/g,
  ([, from, to]) => `${from} to ${to}%`,
);

export const readRangesOfTimes: readonly Rewrite[] = [...readDays, readTimeRanges, readShareRanges];
