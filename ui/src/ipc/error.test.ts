import { afterEach, expect, test } from "vitest";
import { speak } from "../i18n/i18n.svelte";
import { toCommandError } from "./error";

afterEach(() => speak("vi"));

test("the shell's own error keeps its words", () => {
  const thrown = { code: "PinIncorrect", what: "Mã PIN không đúng.", advice: "Nhập lại.", detail: "CKR_PIN_INCORRECT" };
  expect(toCommandError(thrown)).toEqual(thrown);
});

test("a missing detail is null, not undefined", () => {
  expect(toCommandError({ code: "TokenAbsent", what: "a", advice: "b" }).detail).toBeNull();
});

test.each([
  ["a refused permission", "letter not allowed by ACL", "letter not allowed by ACL"],
  ["a script error", new Error("channel closed"), "channel closed"],
  ["an object of another shape", { code: 7 }, '{"code":7}'],
])("%s gets our sentence and keeps its text as detail", (_name, thrown, detail) => {
  const error = toCommandError(thrown);
  expect(error.code).toBe("unexpected");
  expect(error.what).toBe("Chương trình không làm được việc này.");
  expect(error.advice).not.toBe("");
  expect(error.detail).toBe(detail);
});

test("our sentence follows the language", () => {
  speak("en");
  expect(toCommandError("x").what).toBe("The program could not do this.");
});
