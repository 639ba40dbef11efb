import { afterEach, expect, test, vi } from "vitest";
import { clearMocks, mockConvertFileSrc } from "@tauri-apps/api/mocks";
import { isBare, MAX_PIXELS, pagePixels, pageUrl } from "./page";

afterEach(() => {
  vi.unstubAllGlobals();
  clearMocks();
});

const { signal } = new AbortController();
const answer = (bytes: number, width: string | null, height: string | null, status = 200) => {
  mockConvertFileSrc("linux");
  const headers = new Headers();
  if (width) headers.set("x-width", width);
  if (height) headers.set("x-height", height);
  vi.stubGlobal("fetch", async () => new Response(new Uint8Array(bytes), { headers, status }));
};

test("the address has the system's own form", () => {
  mockConvertFileSrc("linux");
  expect(pageUrl("a1b2", 2, 900.4)).toBe("page://localhost/a1b2/2?width=900");
  mockConvertFileSrc("windows");
  expect(pageUrl("a1b2", 0, 1e6)).toBe(`http://page.localhost/a1b2/0?width=${MAX_PIXELS}`);
});

test("pixels of another size than announced are refused", async () => {
  answer(16, "3", "2");
  await expect(pagePixels("a", 0, 3, signal)).rejects.toThrow("16 bytes are not 3 × 2 pixels");
  answer(16, null, null);
  await expect(pagePixels("a", 0, 2, signal)).rejects.toThrow("pixels");
});

test("a refusal says which page", async () => {
  answer(0, null, null, 422);
  await expect(pagePixels("a", 4, 2, signal)).rejects.toThrow("page 5: 422");
});

test("an empty sheet is told from a page with one line on it", () => {
  const sheet = new Uint8ClampedArray(400 * 560 * 4).fill(255);
  expect(isBare(sheet)).toBe(true);
  const mark = (pixels: number) => {
    for (let at = 90_000; at < 90_000 + pixels * 4; at += 4) sheet.set([0, 0, 0, 255], at);
  };
  mark(150);
  expect(isBare(sheet), "a page number alone").toBe(true);
  mark(900);
  expect(isBare(sheet), "a line").toBe(false);
  expect(isBare(new Uint8ClampedArray(400 * 560 * 4)), "nothing drawn at all").toBe(true);
});
