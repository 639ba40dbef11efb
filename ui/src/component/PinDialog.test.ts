import { flushSync, mount, tick, unmount } from "svelte";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CommandError, TokenStatus } from "../ipc/bindings";
import PinDialog from "./PinDialog.svelte";

const READY: TokenStatus = {
  state: "ready",
  label: "USB token",
  countLow: false,
  finalTry: false,
  pinPad: false,
  subject: "Phan Ngọc Thọ",
  notAfter: null,
  advice: null,
};
const WRONG: CommandError = { code: "PinIncorrect", what: "Mã PIN không đúng.", advice: "Nhập lại.", detail: null };

let token: TokenStatus;
let onsubmit: ReturnType<typeof vi.fn<(pin: string) => Promise<void>>>;
let onclose: ReturnType<typeof vi.fn<() => void>>;
let dialog: ReturnType<typeof mount>;

const find = <Kind extends HTMLElement = HTMLElement>(id: string) => document.querySelector<Kind>(`[data-testid="${id}"]`);
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    await tick();
  }
};

async function open(status: Partial<TokenStatus> = {}): Promise<void> {
  token = { ...READY, ...status };
  dialog = mount(PinDialog, {
    target: document.body,
    props: {
      role: "leader",
      letter: "w3",
      heading: "Nhập mã PIN để ký",
      subject: "Chỉ thị về việc tăng cường trao đổi văn bản điện tử",
      count: "1 văn bản, 3 trang",
      signer: { role: "leader", name: "Phan Ngọc Thọ", title: "Phó Chủ tịch" },
      document: { token: "t", pages: [{ width: 595, height: 842 }] },
      mark: null,
      submit: "Ký văn bản",
      onsubmit,
      onclose,
    },
  });
  flushSync();
  await settle();
}

function type(pin: string): HTMLInputElement {
  const field = find<HTMLInputElement>("pin-input");
  if (!field) throw new Error("no field");
  field.value = pin;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
  return field;
}

async function send(): Promise<void> {
  document.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settle();
}

beforeEach(() => {
  onsubmit = vi.fn(async () => {});
  onclose = vi.fn();
  mockIPC((command) => (command === "token_status" ? token : undefined), { shouldMockEvents: true });
});
afterEach(async () => {
  await unmount(dialog);
  clearMocks();
  document.body.replaceChildren();
});

describe("what it says", () => {
  test("letter, pages, signer and device; nothing reveals the PIN", async () => {
    await open();
    for (const said of ["tăng cường trao đổi", "1 văn bản, 3 trang", "Phan Ngọc Thọ", "USB token"]) {
      expect(document.body.textContent).toContain(said);
    }
    expect(find<HTMLInputElement>("pin-input")?.type).toBe("password");
    expect(document.activeElement).toBe(find("pin-input"));
  });

  test("once wrong and last try", async () => {
    await open({ countLow: true });
    expect(find("pin-warning")?.textContent).toContain("đã bị nhập sai");
    await unmount(dialog);
    await open({ countLow: true, finalTry: true });
    expect(find("pin-warning")?.textContent).toContain("Sai lần nữa, thiết bị sẽ bị khóa");
  });

  test.each(["absent", "locked", "no-certificate", "no-driver"] as const)("%s: no field, and what to do", async (state) => {
    await open({ state, advice: "Gọi nơi cấp thiết bị." });
    expect(find("pin-input")).toBeNull();
    expect(find("pin-submit")).toBeNull();
    expect(find("pin-blocked")?.textContent).toContain("Gọi nơi cấp thiết bị.");
  });

  test("a token plugged in meanwhile brings the field", async () => {
    await open({ state: "absent" });
    token = READY;
    await emit("changed", { what: "token" });
    await settle();
    expect(find("pin-input")).not.toBeNull();
  });
});

describe("the PIN", () => {
  test("goes to the act once and is wiped from the field", async () => {
    await open();
    expect(find<HTMLButtonElement>("pin-submit")?.disabled, "nothing typed").toBe(true);
    const field = type("12345678");
    await send();
    expect(onsubmit).toHaveBeenCalledExactlyOnceWith("12345678");
    expect(field.value).toBe("");
  });

  test("cannot be pasted", async () => {
    await open();
    const paste = new Event("paste", { bubbles: true, cancelable: true });
    find("pin-input")?.dispatchEvent(paste);
    expect(paste.defaultPrevented).toBe(true);
  });

  test("a wrong one: the reason, an empty field, the dialog stays", async () => {
    await open();
    onsubmit.mockRejectedValueOnce(WRONG);
    type("00000000");
    token = { ...READY, countLow: true, finalTry: true };
    await send();
    expect(find("error")?.textContent).toContain("Mã PIN không đúng.");
    expect(find("pin-warning")?.textContent).toContain("Sai lần nữa");
    expect(find<HTMLInputElement>("pin-input")?.value).toBe("");
    expect(find<HTMLButtonElement>("pin-submit")?.disabled).toBe(true);
    expect(document.activeElement).toBe(find("pin-input"));
    expect(onclose).not.toHaveBeenCalled();
  });

  test("a PIN pad gets none from here", async () => {
    await open({ pinPad: true });
    expect(find("pin-input")).toBeNull();
    await send();
    expect(onsubmit).toHaveBeenCalledExactlyOnceWith("");
  });
});

describe("while it works", () => {
  test("the button tells the progress of this letter and nothing closes", async () => {
    await open();
    let finish = () => {};
    onsubmit.mockReturnValueOnce(new Promise<void>((resolve) => (finish = resolve)));
    type("12345678");
    await send();
    await emit("progress", { id: "w3", step: "token", done: 1, total: 3 });
    await emit("progress", { id: "other", step: "token", done: 2, total: 9 });
    await settle();
    expect(find("pin-submit")?.textContent).toContain("Đang ký… 1/3");
    document.querySelector("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true }));
    expect(onclose).not.toHaveBeenCalled();
    finish();
    await settle();
  });

  test("a step that arrives after the failure says nothing", async () => {
    await open();
    onsubmit.mockRejectedValueOnce(WRONG);
    type("00000000");
    await send();
    await emit("progress", { id: "w3", step: "token", done: 0, total: 3 });
    await settle();
    expect(find("pin-submit")?.textContent).toContain("Ký văn bản");
    let finish = () => {};
    onsubmit.mockReturnValueOnce(new Promise<void>((resolve) => (finish = resolve)));
    type("12345678");
    await send();
    expect(find("pin-submit")?.textContent, "nor in the next act").not.toContain("0/3");
    finish();
    await settle();
  });

  test("Esc closes when nothing is under way", async () => {
    await open();
    const escape = new Event("cancel", { cancelable: true });
    document.querySelector("dialog")?.dispatchEvent(escape);
    expect(escape.defaultPrevented).toBe(true);
    expect(onclose).toHaveBeenCalledOnce();
  });
});
