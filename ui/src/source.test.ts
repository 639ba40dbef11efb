// What holds for the source as a whole: who may know the shell, who may name a colour, which words are used.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import vi from "./i18n/vi.json";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /\.(ts|svelte|css)$/.test(name))
  .map((name) => ({ name, text: readFileSync(`src/${name}`, "utf8") }));
const shipped = files.filter(({ name }) => !name.endsWith(".test.ts"));
const offenders = (found: typeof files) => found.map(({ name }) => name);

test("the files are there", () => {
  expect(files.length).toBeGreaterThan(40);
});

test("only ipc/ imports the shell's packages", () => {
  const others = shipped.filter(({ name, text }) => !name.startsWith("ipc/") && text.includes("@tauri-apps/"));
  expect(offenders(others)).toEqual([]);
});

test("only tokens.css names a colour", () => {
  const colour = /#[0-9a-f]{3,8}\b(?=[^"'`]*[;)])|\b(rgb|hsl|oklch)a?\(/i;
  const others = shipped.filter(({ name, text }) => /\.(svelte|css)$/.test(name) && name !== "tokens.css" && colour.test(text));
  expect(offenders(others)).toEqual([]);
});

test("no style attribute and no markup from text, which the policy would block or the reader suffer", () => {
  const others = shipped.filter(({ name, text }) => name.endsWith(".svelte") && /\sstyle="|\{@html/.test(text));
  expect(offenders(others)).toEqual([]);
});

test("no file is longer than can be read at once", () => {
  expect(offenders(files.filter(({ text }) => text.split("\n").length > 450))).toEqual([]);
});

test("every sentence is said somewhere", () => {
  const code = shipped.map(({ text }) => text).join("\n");
  const prefixes = [...code.matchAll(/t\(`([a-z.-]+)\$\{/g)].map((match) => match[1] ?? "");
  const unused = Object.keys(vi).filter((key) => !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});
