import { getCurrentWebview } from "@tauri-apps/api/webview";

export type DropPhase = { kind: "over" } | { kind: "leave" } | { kind: "drop"; paths: string[] };

/** Files dragged onto the window; the shell gives paths, never contents. */
export async function onFileDrop(handler: (phase: DropPhase) => void): Promise<() => void> {
  return getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === "drop") handler({ kind: "drop", paths: payload.paths });
    else handler({ kind: payload.type === "leave" ? "leave" : "over" });
  });
}
