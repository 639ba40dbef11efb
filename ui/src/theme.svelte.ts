// Light or dark: the system's choice unless the reader made one, which the shell remembers for the office.

import type { Theme } from "./ipc/bindings";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const dark = window.matchMedia("(prefers-color-scheme: dark)");
let chosen = $state<Theme>("system");

function show(): void {
  const shown = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.theme = shown;
}

export function theme(): Theme {
  return chosen;
}

export function setTheme(next: Theme): void {
  chosen = next;
  show();
}

export function followSystem(): void {
  show();
  dark.addEventListener("change", show);
}
