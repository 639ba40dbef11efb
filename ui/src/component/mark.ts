// Marks on the page and the arithmetic of moving them. Lengths are PDF points, y upwards.

import type { DocumentRef, PageSize, Rect } from "../ipc/bindings";

export const POINTS_PER_MM = 72 / 25.4;
const SMALLEST = 10 * POINTS_PER_MM;

export type MarkLook = "leader" | "number" | "date" | "seal" | "framed";
export type Mark = {
  id: string;
  look: MarkLook;
  page: number;
  rect: Rect;
  /** Drawn inside the frame: what will be written there. */
  text: string | null;
  image: DocumentRef | null;
  /** The panel names the same mark by the same number. */
  number?: string;
  label: string | null;
  hint: string | null;
  movable: boolean;
};
export type Corner = "nw" | "ne" | "sw" | "se";
export type Box = { left: number; top: number; width: number; height: number };

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

export function move([x0, y0, x1, y1]: Rect, dx: number, dy: number, page: PageSize): Rect {
  const left = clamp(x0 + dx, 0, page.width - (x1 - x0));
  const bottom = clamp(y0 + dy, 0, page.height - (y1 - y0));
  return [left, bottom, left + (x1 - x0), bottom + (y1 - y0)];
}

/** Keeps the proportions and the corner opposite to the one that is dragged. */
export function resize([x0, y0, x1, y1]: Rect, corner: Corner, dx: number, page: PageSize): Rect {
  const east = corner.endsWith("e");
  const north = corner.startsWith("n");
  const ratio = (y1 - y0) / (x1 - x0);
  const roomX = east ? page.width - x0 : x1;
  const roomY = north ? page.height - y0 : y1;
  const width = clamp(x1 - x0 + (east ? dx : -dx), SMALLEST, Math.min(roomX, roomY / ratio));
  const height = width * ratio;
  const left = east ? x0 : x1 - width;
  const bottom = north ? y0 : y1 - height;
  return [left, bottom, left + width, bottom + height];
}

/** The step of an arrow key: 1 mm, with Shift 10 mm. */
export function arrowStep(key: string, shift: boolean): { dx: number; dy: number } | null {
  const step = (shift ? 10 : 1) * POINTS_PER_MM;
  switch (key) {
    case "ArrowLeft":
      return { dx: -step, dy: 0 };
    case "ArrowRight":
      return { dx: step, dy: 0 };
    case "ArrowUp":
      return { dx: 0, dy: step };
    case "ArrowDown":
      return { dx: 0, dy: -step };
    default:
      return null;
  }
}

/** Narrower by `by` on the left and on the right, but never by more than half. */
export function inset([x0, y0, x1, y1]: Rect, by: number): Rect {
  const aside = Math.min(by, (x1 - x0) / 4);
  return [x0 + aside, y0, x1 - aside, y1];
}

/** Where a rectangle lies on its page, in per cent from the upper left corner: right at any zoom. */
export function percent([x0, y0, x1, y1]: Rect, page: PageSize): Box {
  return {
    left: (x0 / page.width) * 100,
    top: ((page.height - y1) / page.height) * 100,
    width: ((x1 - x0) / page.width) * 100,
    height: ((y1 - y0) / page.height) * 100,
  };
}

/** Distance of the lower left corner from the page's edges, for the ear. */
export function millimetres([x0, y0]: Rect): { left: number; bottom: number } {
  return { left: Math.round(x0 / POINTS_PER_MM), bottom: Math.round(y0 / POINTS_PER_MM) };
}

/** Where a signature goes when nothing was found: lower right of the page, 50 × 25 mm. */
export function defaultPlace(page: PageSize): Rect {
  const width = Math.min(50 * POINTS_PER_MM, page.width);
  const right = page.width - Math.min(20 * POINTS_PER_MM, page.width - width);
  const bottom = Math.min(60 * POINTS_PER_MM, page.height / 4);
  return [right - width, bottom, right, bottom + width / 2];
}

export type Strip = { page: number; top: number; bottom: number };
const ABOVE = 90;
const BELOW = 190;
const SNAP = 150;

/** The strips of pages an act will change, in points from the top: what the folded view shows. */
export function strips(pages: PageSize[], marks: Mark[]): Strip[] {
  return pages.flatMap((size, page) => {
    const here = marks.filter((mark) => mark.page === page);
    if (here.length === 0) return [];
    const top = Math.min(...here.map((mark) => size.height - mark.rect[3])) - ABOVE;
    const bottom = Math.max(...here.map((mark) => size.height - mark.rect[1])) + BELOW;
    return [
      {
        page,
        top: top < SNAP ? 0 : top,
        bottom: bottom > size.height - SNAP ? size.height : bottom,
      },
    ];
  });
}
