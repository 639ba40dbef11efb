import { expect, test } from "vitest";
import { REAL_SIZE, scaleOf, Seen, stepZoom } from "./viewing";

test("fit width follows the room up to a readable width", () => {
  expect(scaleOf("width", 596, 595.3)).toBeCloseTo(1.001, 2);
  expect(scaleOf("width", 5000, 595.3) / REAL_SIZE).toBeCloseTo(1.165);
  expect(scaleOf("width", -38, 595.3), "before the room is known").toBeGreaterThan(0);
  expect(scaleOf(2, 596, 595.3)).toBeCloseTo(2 * REAL_SIZE);
});

test("zoom goes to the next step from wherever it is", () => {
  expect(stepZoom(1.03 * REAL_SIZE, 1)).toBe(1.25);
  expect(stepZoom(REAL_SIZE, -1)).toBe(0.75);
  expect(stepZoom(3 * REAL_SIZE, 1)).toBe(3);
  expect(stepZoom(0.5 * REAL_SIZE, -1)).toBe(0.5);
});

test("a page counts as seen when all of it was within the window", () => {
  const seen = new Seen(2);
  seen.show(0, 16, 842, 600);
  expect(seen.count, "only its upper part").toBe(0);
  seen.show(0, -400, 842, 600);
  expect(seen.count).toBe(1);
  seen.show(1, 900, 842, 600);
  expect(seen.count, "below the window").toBe(1);
});
