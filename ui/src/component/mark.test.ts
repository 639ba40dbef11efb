import { describe, expect, test } from "vitest";
import type { Rect } from "../ipc/bindings";
import { arrowStep, defaultPlace, inset, millimetres, move, percent, POINTS_PER_MM, resize, strips, type Mark } from "./mark";

const A4 = { width: 595.3, height: 841.9 };
const FRAME: Rect = [370, 213, 500, 291];

const mark = (page: number, rect: Rect): Mark => ({
  id: `${page}`,
  look: "number",
  page,
  rect,
  text: null,
  image: null,
  label: null,
  hint: null,
  movable: false,
});

describe("moving", () => {
  test("an arrow key is one millimetre, with Shift ten; up is up", () => {
    expect(arrowStep("ArrowRight", false)).toEqual({ dx: POINTS_PER_MM, dy: 0 });
    expect(arrowStep("ArrowUp", true)?.dy).toBeCloseTo(10 * POINTS_PER_MM);
    expect(arrowStep("a", false)).toBeNull();
  });

  test("keeps the size and stays on the page", () => {
    const corner = move(FRAME, 1000, 1000, A4);
    expect(corner[2]).toBeCloseTo(A4.width);
    expect(corner[3]).toBeCloseTo(A4.height);
    expect(corner[2] - corner[0]).toBeCloseTo(130);
    expect(move(FRAME, -1000, -1000, A4).slice(0, 2)).toEqual([0, 0]);
  });
});

describe("resizing", () => {
  test("keeps proportions and the opposite corner", () => {
    const [x0, y0, x1, y1] = resize(FRAME, "ne", 26, A4);
    expect([x0, y0]).toEqual([370, 213]);
    expect((y1 - y0) / (x1 - x0)).toBeCloseTo(78 / 130);
    expect(x1).toBeCloseTo(526);
    expect(resize(FRAME, "sw", 26, A4).slice(2)).toEqual([500, 291]);
  });

  test("neither leaves the page nor vanishes", () => {
    expect(resize(FRAME, "ne", 9999, A4)[2]).toBeLessThanOrEqual(A4.width + 0.01);
    const small = resize(FRAME, "ne", -9999, A4);
    expect(small[2] - small[0]).toBeCloseTo(10 * POINTS_PER_MM);
  });
});

test("a place is in per cent from the upper left corner", () => {
  const box = percent([0, 0, A4.width / 2, A4.height / 4], A4);
  expect(box).toEqual({ left: 0, top: 75, width: 50, height: 25 });
});

test("a frame between words keeps off them, and stays a frame where there is no room", () => {
  expect(inset([100, 10, 129, 27], 2)).toEqual([102, 10, 127, 27]);
  expect(inset([100, 10, 104, 27], 2)).toEqual([101, 10, 103, 27]);
  expect(inset(FRAME, 0)).toEqual(FRAME);
});

test("the ear gets millimetres", () => {
  expect(millimetres([72, 144, 0, 0])).toEqual({ left: 25, bottom: 51 });
});

test("a place by hand lies on the page", () => {
  const [x0, y0, x1, y1] = defaultPlace(A4);
  expect(x0).toBeGreaterThan(A4.width / 2);
  expect(x1).toBeLessThan(A4.width);
  expect(y0).toBeGreaterThan(0);
  expect(y1 - y0).toBeCloseTo((x1 - x0) / 2);
});

test("the folded view shows only pages with marks, whole lines around them", () => {
  const [first, last, ...more] = strips([A4, A4, A4], [mark(0, [132, 727, 161, 744]), mark(2, [318, 196, 420, 298])]);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ page: 0, top: 0 });
  expect(first?.bottom).toBeLessThan(A4.height / 2);
  expect(last).toMatchObject({ page: 2, bottom: A4.height });
  expect(last?.top).toBeGreaterThan(400);
});
