import { existsSync, readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** The window's own policy, so that the mock build is looked at under the same one. */
function contentSecurityPolicy(): Record<string, string> {
  const shell = new URL("../tauri.conf.json", import.meta.url);
  if (!existsSync(shell)) return {};
  const csp: unknown = JSON.parse(readFileSync(shell, "utf8")).app?.security?.csp;
  return typeof csp === "string" ? { "Content-Security-Policy": csp } : {};
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
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
