import en from "./en.json";
import vi from "./vi.json";
import type { Language } from "../ipc/bindings";

export type Key = keyof typeof vi;
export type Params = Record<string, string | number>;

const tables: Record<Language, Record<Key, string>> = { vi, en };
let current = $state<Language>("vi");

export function language(): Language {
  return current;
}

export function speak(next: Language): void {
  current = next;
  document.documentElement.lang = next;
}

/** `{name}` is replaced by the value, `{name|one|many}` by a form chosen by the number. */
export function fill(sentence: string, params: Params): string {
  return sentence.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    return typeof value === "number" ? figure(value) : value;
  });
}

export function t(key: Key, params: Params = {}): string {
  return fill(tables[current][key], params);
}

/** 1.284 in Vietnamese, 1,284 in English. */
export function figure(value: number): string {
  return value.toLocaleString(current === "vi" ? "vi-VN" : "en-GB");
}
