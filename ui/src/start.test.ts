// What the desk shows first: the office's rooms, a file it was started with, or why there is no office.

import { mount, tick, unmount } from "svelte";
import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { afterEach, expect, test, vi } from "vitest";
import App from "./App.svelte";
import { desk } from "./desk.svelte";
import { speak } from "./i18n/i18n.svelte";
import type { CommandError } from "./ipc/bindings";
import { installMock } from "./ipc/mock";
import { letters, office } from "./ipc/mock-data";
import { theme } from "./theme.svelte";

let app: ReturnType<typeof mount>;
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const see = (id: string, words: string) =>
  vi.waitFor(
    async () => {
      await tick();
      expect(find(id)?.textContent ?? document.body.textContent).toContain(words);
    },
    { timeout: 4000, interval: 10 },
  );

afterEach(async () => {
  await unmount(app);
  clearMocks();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  office.opened = null;
  office.theme = "system";
  speak("vi");
});

// First: the desk of this file has not seen an office yet.
test("without an office: the sentence and the next step, in either language, and no list that reads for ever", async () => {
  const said: Record<string, CommandError> = {
    vi: { code: "OfficeMissing", what: "Không có văn phòng.", advice: "Chọn thư mục khác.", detail: "no such file" },
    en: { code: "OfficeMissing", what: "There is no office.", advice: "Choose another folder.", detail: null },
  };
  let language = "vi";
  mockWindows("main");
  mockIPC(
    (command, args) => {
      if (command === "set_language") language = (args as { language: string }).language;
      else throw said[language];
    },
    { shouldMockEvents: true },
  );
  app = mount(App, { target: document.body });
  await desk.start();
  await see("error", "Không có văn phòng.");
  expect(find("error")?.textContent).toContain("Chọn thư mục khác.");
  expect(find("error")?.textContent).toContain("--office");
  expect(document.body.textContent).not.toContain("Đang đọc");
  expect(find("add-letter"), "nothing to add a letter to").toBeNull();
  await desk.setLanguage("en");
  await see("error", "There is no office.");
});

test("a file named on the command line is on the screen, judged, with what its page cannot tell", async () => {
  installMock();
  office.opened = "/tmp/mot-byte-bi-doi.pdf";
  office.theme = "dark";
  app = mount(App, { target: document.body });
  await desk.start();
  await see("verdict", "Không hợp lệ");
  expect(desk.room).toBe("verify");
  expect(find("notices")?.textContent).toContain("trang có thể thiếu");
  expect(theme(), "as it was left").toBe("dark");
  expect(document.documentElement.dataset["theme"]).toBe("dark");
});

test("a file that cannot be drawn says so", async () => {
  installMock();
  office.opened = "/tmp/khong-ve-duoc.pdf";
  app = mount(App, { target: document.body });
  await desk.start();
  await see("verdict", "Chưa xác minh được");
  expect(document.body.textContent).toContain("Không vẽ được trang của văn bản này.");
});

test("one list that cannot be read says so and leaves the others alone", async () => {
  installMock();
  app = mount(App, { target: document.body });
  await desk.start();
  const waiting = letters.slice();
  mockIPC(
    (command) => {
      if (command === "incoming" || command === "token_status") throw { code: "StoreUnusable", what: "Không mở được sổ.", advice: "Thử lại.", detail: null };
      return command === "letters" ? waiting : [];
    },
    { shouldMockEvents: true },
  );
  desk.incoming = null;
  await desk.loadAll();
  desk.open("incoming");
  await see("error", "Không mở được sổ.");
  expect(document.body.textContent).toContain("Chưa đọc được danh sách");
  expect(desk.waiting, "the others are read").toHaveLength(waiting.length);
});
