// Light or dark: the system's choice unless the reader made one.

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED = "theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let chosen = $state<Theme>(read());

function read(): Theme {
  const stored = localStorage.getItem(STORED);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

function show(): void {
  const shown = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.theme = shown;
}

export function theme(): Theme {
  return chosen;
}

export function setTheme(next: Theme): void {
  chosen = next;
  localStorage.setItem(STORED, next);
  show();
}

export function followSystem(): void {
  show();
  dark.addEventListener("change", show);
}
