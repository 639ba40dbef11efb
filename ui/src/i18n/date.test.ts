import { expect, test } from "vitest";
import { clockWithSeconds, fullDate, moment, short, signingTime } from "./date";

const NOW = new Date("2026-11-24T03:00:00Z");

test("times read as Vietnam's clock wherever the machine stands", () => {
  expect(clockWithSeconds("2026-11-24T02:41:07Z")).toBe("09:41:07");
  expect(clockWithSeconds("2026-11-24T09:41:07+07:00")).toBe("09:41:07");
  expect(fullDate("2026-11-23T18:00:00Z"), "after midnight in Huế").toBe("24/11/2026");
});

test("a list says no more than is needed", () => {
  expect(short("2026-11-24T01:12:00Z", NOW)).toBe("08:12");
  expect(short("2026-11-23T01:12:00Z", NOW)).toBe("23/11");
  expect(short("2025-12-31T01:12:00Z", NOW)).toBe("31/12/2025");
});

test("sentences and evidence", () => {
  expect(moment("2026-11-24T01:12:00Z", NOW)).toBe("08:12 hôm nay");
  expect(moment("2026-11-23T01:12:00Z", NOW)).toBe("08:12 ngày 23/11");
  expect(signingTime("2026-11-24T02:41:07Z")).toBe("09:41:07 ngày 24/11/2026");
});

test("what is no time is shown as it came", () => {
  expect(short("sáng nay", NOW)).toBe("sáng nay");
  expect(moment("sáng nay", NOW)).toBe("sáng nay");
});
