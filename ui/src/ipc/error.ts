import { t } from "../i18n/i18n.svelte";
import type { CommandError } from "./bindings";

function isCommandError(thrown: unknown): thrown is CommandError {
  if (typeof thrown !== "object" || thrown === null) return false;
  const { code, what, advice } = thrown as Partial<Record<keyof CommandError, unknown>>;
  return typeof code === "string" && typeof what === "string" && typeof advice === "string";
}

/**
 * What a rejected command means to the reader. The shell words its own errors; anything else
 * (a refused permission, a lost process) gets our sentence and keeps its text as the detail.
 */
export function toCommandError(thrown: unknown): CommandError {
  if (isCommandError(thrown)) return { ...thrown, detail: thrown.detail ?? null };
  const detail = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : JSON.stringify(thrown);
  return { code: "unexpected", what: t("error.unexpected"), advice: t("error.unexpected.advice"), detail };
}
