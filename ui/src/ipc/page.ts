import { convertFileSrc } from "@tauri-apps/api/core";

/** The longest side asked of the drawing process; wider screens get this, scaled up. */
export const MAX_PIXELS = 4096;

/** Where the pixels of one page are; the form of the address differs between systems. */
export function pageUrl(token: string, page: number, width: number): string {
  const pixels = Math.min(MAX_PIXELS, Math.max(1, Math.round(width)));
  return `${convertFileSrc("", "page")}${encodeURIComponent(token)}/${page}?width=${pixels}`;
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
