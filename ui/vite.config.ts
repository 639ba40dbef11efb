import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The window's own policy, so that the mock build is looked at under the same one. */
function contentSecurityPolicy(): Record<string, string> {
  const shell = new URL("../tauri.conf.json", import.meta.url);
  if (!existsSync(shell)) return {};
  const csp: unknown = JSON.parse(readFileSync(shell, "utf8")).app?.security?.csp;
  return typeof csp === "string" ? { "Content-Security-Policy": csp } : {};
}

/** The pages the mock shows: the letters of the tests, drawn by poppler. */
function mockPages(): Plugin {
  const letters = fileURLToPath(new URL("../tests/letter", import.meta.url));
  const pages = fileURLToPath(new URL("dist-mock/letter", import.meta.url));
  return {
    name: "mock-pages",
    closeBundle() {
      mkdirSync(pages, { recursive: true });
      for (const name of ["directive", "cong-van", "giay-moi"]) {
        execFileSync("pdftoppm", ["-png", "-r", "150", `${letters}/${name}.pdf`, `${pages}/${name}`]);
      }
      for (const name of ["signature", "seal"]) copyFileSync(`${letters}/${name}.png`, `${pages}/${name}-1.png`);
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), mode === "mock" ? mockPages() : []],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  preview: { port: 4173, strictPort: true, headers: contentSecurityPolicy() },
  // Svelte's browser build is needed where components are mounted under the tests' DOM.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  build: {
    target: "safari16.4",
    // Nothing is inlined: the policy has no data: for scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    outDir: mode === "mock" ? "dist-mock" : "dist",
    emptyOutDir: true,
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
}));
