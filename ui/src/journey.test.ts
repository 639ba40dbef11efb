// The way of a letter through the rooms, with the shell played by ipc/mock.ts.

import { mount, tick, unmount } from "svelte";
import { clearMocks } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "./App.svelte";
import { desk } from "./desk.svelte";
import { checks } from "./feature/verify/verify.svelte";
import { speak } from "./i18n/i18n.svelte";
import { installMock } from "./ipc/mock";

let app: ReturnType<typeof mount>;

const find = <Kind extends HTMLElement = HTMLElement>(css: string) => document.querySelector<Kind>(css);
const id = (name: string) => `[data-testid="${name}"]`;

/** Waits for what the reader would wait for. */
async function see<Kind extends HTMLElement = HTMLElement>(css: string): Promise<Kind> {
  return vi.waitFor(
    async () => {
      await tick();
      const found = find<Kind>(css);
      if (!found) throw new Error(`${css} is not there: ${document.body.textContent?.replace(/\s+/g, " ").slice(0, 400)}`);
      return found;
    },
    { timeout: 4000, interval: 10 },
  );
}
const press = async (css: string) => (await see(css)).click();

async function enter(pin: string): Promise<void> {
  const field = await see<HTMLInputElement>(id("pin-input"));
  field.value = pin;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await tick();
  find("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
}

beforeEach(async () => {
  installMock();
  app = mount(App, { target: document.body });
  await desk.start();
});
afterEach(async () => {
  await unmount(app);
  clearMocks();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  speak("vi");
});

test("signed, issued, followed, accepted, returned, checked", async () => {
  await press(`${id("letter-item")}[data-id="w3"]`);
  await vi.waitFor(() => expect(find(id("big-button"))?.textContent).toContain("Ký với tên Phan Ngọc Thọ"));
  await vi.waitFor(() => expect(find(".panel h2")?.textContent).toContain("Tăng cường trao đổi"));

  await press(id("big-button"));
  await enter("00000000");
  expect((await see(id("error"))).textContent).toContain("Mã PIN không đúng");
  await enter("12345678");
  expect((await see(id("done-bar"))).textContent).toContain("Đã ký xong");
  expect(find(`${id("letter-item")}[data-id="w3"]`)?.textContent, "it keeps its place").toContain("đã ký");
  expect(document.activeElement, "Enter opens the next letter").toBe(await see(id("next-letter")));

  await press(id("room-outgoing"));
  await press(`${id("letter-item")}[data-id="w3"]`);
  await vi.waitFor(() => expect(document.querySelectorAll(id("recipient-chip"))).toHaveLength(2));
  const field = await see<HTMLInputElement>(id("recipient-input"));
  field.value = "thi tran";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await press(id("recipient-option"));
  await vi.waitFor(() => expect(document.querySelectorAll(id("recipient-chip"))).toHaveLength(3));
  await press(id("big-button"));
  await enter("87654321");
  expect((await see(id("done-bar"))).textContent).toContain("Đã phát hành số 77");

  await press(id("follow-dispatch"));
  expect((await see(id("dispatch-state"))).dataset["state"]).toBe("sent");
  expect(document.querySelectorAll(id("receipt-verified"))).toHaveLength(3);

  await press(id("room-incoming"));
  await press(`${id("letter-item")}[data-id="i1"]`);
  expect((await see(id("verdict") + '[data-verdict="valid"]')).textContent).toContain("hợp lệ");
  await press(id("accept"));
  expect((await see(id("done-bar"))).textContent).toContain("số đến 1284");

  await press(`${id("letter-item")}[data-id="i3"]`);
  await see(id("verdict") + '[data-verdict="invalid"]');
  expect(find(id("accept")), "what is not valid is not accepted by habit").toBeNull();
  await press(id("refuse"));
  expect((await see<HTMLButtonElement>(id("refuse-submit"))).disabled, "a reason is needed").toBe(true);
  const reason = await see<HTMLTextAreaElement>(id("refuse-reason"));
  reason.value = "Nội dung khác bản đã ký.";
  reason.dispatchEvent(new Event("input", { bubbles: true }));
  await tick();
  await press(id("refuse-submit"));
  expect((await see(id("done-bar"))).textContent).toContain("Đã trả lại");

  await press(id("room-verify"));
  await press(id("open-file"));
  await see(id("signature"));
  expect(find(id("verdict"))?.textContent).toContain("2 chữ ký hợp lệ");

  await press(id("language"));
  await vi.waitFor(() => expect(find("h1")?.textContent).toBe("Check"));
}, 30_000);

test("what is missing is fetched by one key, and the fetching can be stopped", async () => {
  await press(id("room-verify"));
  void checks.open("/tmp/thieu-du-lieu.pdf");
  expect((await see(id("verdict") + '[data-verdict="unverified"]')).textContent).toContain("chưa có thông tin thu hồi");
  expect((await see(id("missing"))).textContent).toContain("ca.gov.vn");
  const key = (name: string, ctrlKey = false) =>
    window.dispatchEvent(new KeyboardEvent("keydown", { key: name, ctrlKey, bubbles: true, cancelable: true }));

  key("Enter", true);
  await see(id("stop-fetching"));
  await vi.waitFor(() => expect(find(id("verdict"))?.textContent, "who is asked").toContain("Đang hỏi ca.gov.vn"));
  key("Escape");
  await see(id("fetch-missing"));
  expect(find(id("verdict"))?.dataset["verdict"], "stopped: as before").toBe("unverified");

  key("Enter", true);
  await see(id("verdict") + '[data-verdict="valid"]');
  expect(find(id("fetch-missing"))).toBeNull();
  expect(find(id("asked"))?.textContent).toContain("ocsp.ca.gov.vn");
});
