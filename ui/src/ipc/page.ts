import { convertFileSrc } from "@tauri-apps/api/core";

/** The longest side asked of the drawing process; wider screens get this, scaled up. */
export const MAX_PIXELS = 4096;

/** Where the pixels of one page are; the form of the address differs between systems. */
export function pageUrl(token: string, page: number, width: number): string {
  const pixels = Math.min(MAX_PIXELS, Math.max(1, Math.round(width)));
  return `${convertFileSrc("", "page")}${encodeURIComponent(token)}/${page}?width=${pixels}`;
}

/** Less ink than this share of a page is no line of text. */
const INK = 0.001;

/**
 * Whether a page shows next to nothing. A damaged page is drawn as an empty sheet, which must not be taken for what
 * was written; one that is empty on purpose loses nothing by being called so.
 */
export function isBare(rgba: Uint8ClampedArray): boolean {
  const enough = (rgba.length / 4) * INK;
  let ink = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const drawn = rgba[at + 3]! > 5;
    if (drawn && (rgba[at]! < 250 || rgba[at + 1]! < 250 || rgba[at + 2]! < 250)) ink += 1;
    if (ink > enough) return false;
  }
  return true;
}

/** The page as it was drawn from the bytes that are signed: raw RGBA, no script ever sees the file. */
export async function pagePixels(token: string, page: number, width: number, signal: AbortSignal): Promise<ImageData> {
  const response = await fetch(pageUrl(token, page, width), { signal });
  if (!response.ok) throw new Error((await response.text()) || `page ${page + 1}: ${response.status}`);
  const pixels = new Uint8ClampedArray(await response.arrayBuffer());
  const columns = Number(response.headers.get("x-width"));
  const rows = Number(response.headers.get("x-height"));
  if (columns * rows * 4 !== pixels.length || pixels.length === 0) {
    throw new Error(`page ${page + 1}: ${pixels.length} bytes are not ${columns} × ${rows} pixels`);
  }
  return new ImageData(pixels, columns, rows);
}
