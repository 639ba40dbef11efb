import { afterEach, expect, test } from "vitest";
import en from "./en.json";
import { figure, fill, speak, t } from "./i18n.svelte";
import vi from "./vi.json";

afterEach(() => speak("vi"));

const placeholders = (sentence: string) => [...new Set([...sentence.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();

test("both languages have the same keys in the same order", () => {
  expect(Object.keys(en)).toEqual(Object.keys(vi));
});

test("each sentence says something in both languages, with the same blanks", () => {
  for (const [key, vietnamese] of Object.entries(vi)) {
    const english = en[key as keyof typeof en];
    expect(vietnamese.trim(), key).not.toBe("");
    expect(english.trim(), key).not.toBe("");
    expect(placeholders(english), key).toEqual(placeholders(vietnamese));
  }
});

test("Vietnamese is composed and its tone marks stand as on the letters", () => {
  for (const [key, sentence] of Object.entries(vi)) {
    expect(sentence, key).toBe(sentence.normalize("NFC"));
    expect(sentence, `${key}: khóa, hủy, hòa`).not.toMatch(/kho[áà]|hu[ỷý]|ho[àả]\b/i);
  }
});

test("blanks are filled, numbers written as the language writes them, plurals chosen", () => {
  expect(fill("{a} và {b}", { a: 1284, b: "x" })).toBe("1.284 và x");
  expect(fill("{n} {n|page|pages}", { n: 1 })).toBe("1 page");
  expect(fill("{n} {n|page|pages}", { n: 3 })).toBe("3 pages");
  expect(fill("{missing}", {})).toBe("{missing}");
});

test("the language can change", () => {
  expect(t("room.sign")).toBe("Chờ ký");
  speak("en");
  expect(t("room.sign")).toBe("To sign");
  expect(figure(1284)).toBe("1,284");
  expect(document.documentElement.lang).toBe("en");
});
