// Times as the letters write them. Vietnam has one time zone and no summer time, and a signing time must
// read the same on every machine, so the machine's own zone plays no part.

import { t } from "./i18n.svelte";

const ZONE = 7 * 60 * 60 * 1000;
const two = (value: number): string => String(value).padStart(2, "0");

/** The moment as a date whose UTC fields are Vietnam's clock. */
function here(moment: number): Date {
  return new Date(moment + ZONE);
}

function parse(at: string): Date | null {
  const moment = Date.parse(at);
  return Number.isNaN(moment) ? null : here(moment);
}

export function clock(at: string): string {
  const date = parse(at);
  return date ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}` : at;
}

export function clockWithSeconds(at: string): string {
  const date = parse(at);
  return date ? `${clock(at)}:${two(date.getUTCSeconds())}` : at;
}

/** dd/MM/yyyy, as on letters and evidence. */
export function fullDate(at: string): string {
  const date = parse(at);
  return date ? `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}` : at;
}

function isToday(at: string, now: Date): boolean {
  return fullDate(at) === fullDate(now.toISOString());
}

/** Day and month within the year, the full date otherwise. */
function day(at: string, now: Date): string {
  const [date, today] = [fullDate(at), fullDate(now.toISOString())];
  return date.slice(6) === today.slice(6) ? date.slice(0, 5) : date;
}

/** In a list: the time for today, the day otherwise. */
export function short(at: string, now: Date): string {
  return isToday(at, now) ? clock(at) : day(at, now);
}

/** In a sentence: "08:12 hôm nay", "08:12 ngày 25/12". */
export function moment(at: string, now: Date): string {
  if (parse(at) === null) return at;
  if (isToday(at, now)) return t("date.today", { time: clock(at) });
  return t("date.day", { time: clock(at), day: day(at, now) });
}

/** A signing time: seconds and the whole date, because it is evidence. */
export function signingTime(at: string): string {
  return t("date.day", { time: clockWithSeconds(at), day: fullDate(at) });
}
