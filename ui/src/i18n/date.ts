import { t } from "./i18n.svelte";

const two = (value: number): string => String(value).padStart(2, "0");

function parse(at: string): Date | null {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function clock(at: string): string {
  const date = parse(at);
  return date ? `${two(date.getHours())}:${two(date.getMinutes())}` : at;
}

export function clockWithSeconds(at: string): string {
  const date = parse(at);
  return date ? `${clock(at)}:${two(date.getSeconds())}` : at;
}

/** dd/MM/yyyy, as on letters and evidence. */
export function fullDate(at: string): string {
  const date = parse(at);
  return date ? `${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}` : at;
}

function sameDay(left: Date, right: Date): boolean {
  return left.toDateString() === right.toDateString();
}

/** In a list: the time for today, day and month within the year, the full date before. */
export function short(at: string, now: Date): string {
  const date = parse(at);
  if (!date) return at;
  if (sameDay(date, now)) return clock(at);
  return date.getFullYear() === now.getFullYear() ? fullDate(at).slice(0, 5) : fullDate(at);
}

/** In a sentence: "08:12 hôm nay", "08:12 ngày 25/12". */
export function moment(at: string, now: Date): string {
  const date = parse(at);
  if (!date) return at;
  if (sameDay(date, now)) return t("date.today", { time: clock(at) });
  return t("date.day", { time: clock(at), day: short(at, now) });
}

/** A signing time: seconds and the whole date, because it is evidence. */
export function signingTime(at: string): string {
  return t("date.day", { time: clockWithSeconds(at), day: fullDate(at) });
}
