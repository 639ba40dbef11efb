// Zoom steps, and which parts of which pages have been on the screen.

export type Zoom = "width" | number;
/** Multiples of the real size. */
export const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3] as const;
/** CSS pixels in a PDF point at real size. */
export const REAL_SIZE = 96 / 72;
/** On a wide screen the page stops growing: longer lines are harder to read. */
const WIDEST = 1.165 * REAL_SIZE;

/** CSS pixels for one PDF point. */
export function scaleOf(zoom: Zoom, room: number, widestPage: number): number {
  if (zoom !== "width") return zoom * REAL_SIZE;
  return Math.max(0.1, Math.min(room / widestPage, WIDEST));
}

export function stepZoom(scale: number, direction: 1 | -1): number {
  const now = scale / REAL_SIZE;
  const steps = direction === 1 ? ZOOMS.filter((zoom) => zoom > now + 0.01) : ZOOMS.filter((zoom) => zoom < now - 0.01);
  return (direction === 1 ? steps[0] : steps.at(-1)) ?? (direction === 1 ? ZOOMS[ZOOMS.length - 1]! : ZOOMS[0]);
}

const SLICES = 12;

/** Counts a page as seen when every part of it has been within the window. */
export class Seen {
  private readonly slices: Set<number>[];

  constructor(pages: number) {
    this.slices = Array.from({ length: pages }, () => new Set());
  }

  /** `top` and `height` of a page and the window's height, all from the window's upper edge. */
  show(page: number, top: number, height: number, window: number): void {
    const seen = this.slices[page];
    if (!seen || height <= 0) return;
    for (let slice = 0; slice < SLICES; slice += 1) {
      const middle = top + ((slice + 0.5) * height) / SLICES;
      if (middle >= 0 && middle <= window) seen.add(slice);
    }
  }

  get count(): number {
    return this.slices.filter((seen) => seen.size === SLICES).length;
  }
}
