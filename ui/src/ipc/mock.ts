// The shell, played: for looking at the desk in a browser. Not in the real build.

import { emit } from "@tauri-apps/api/event";
import { mockConvertFileSrc, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { fold } from "../component/fold";
import { THEMES } from "../theme.svelte";
import type { Changed, CommandError, Fetching, Letter, Progress, Role, Theme, TokenStatus } from "./bindings";
import { agencies, approval, dispatches, incoming, letters, office, opened, stamped, tokens } from "./mock-data";

const asked = new URLSearchParams(location.search);
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const PINS: Record<Role, string> = { leader: "12345678", clerk: "87654321" };
let wrong = 0;
let stopped = false;

function token(role: Role): TokenStatus {
  const state = asked.get("token");
  const ready = { ...tokens[role], countLow: wrong > 0, finalTry: wrong > 1, pinPad: state === "pad" };
  if (wrong > 2) return { ...ready, state: "locked" };
  if (state === "absent" || state === "locked" || state === "no-certificate") return { ...ready, state };
  return ready;
}

async function usePin(role: Role, pin: string, id: string, steps: Progress["step"][]): Promise<void> {
  await wait(200);
  if (asked.get("token") !== "pad" && pin !== PINS[role]) {
    wrong += 1;
    const error: CommandError = {
      code: "PinIncorrect",
      what: "Mã PIN không đúng.",
      advice: "Nhập lại; chú ý phím Caps Lock. Văn bản chưa thay đổi.",
      detail: "CKR_PIN_INCORRECT",
    };
    throw error;
  }
  wrong = 0;
  for (const [done, step] of steps.entries()) {
    await emit("progress", { id, step, done: done + 1, total: steps.length } satisfies Progress);
    await wait(Number(asked.get("slow") ?? 150));
  }
}

function find(id: string): Letter {
  const letter = letters.find((other) => other.id === id);
  if (!letter) throw new Error(`no letter ${id}`);
  return letter;
}

const NOWHERE: CommandError = {
  code: "OfficeMissing",
  what: "Thư mục /home/van-thu/ho-so không phải là văn phòng của Ấn Tín.",
  advice: "Chọn thư mục có tệp office.json.",
  detail: "No such file or directory (os error 2)",
};
const REFUSED = { code: "LetterAltered", what: "Văn bản đã bị sửa sau khi lãnh đạo ký.", advice: "Trình ký lại." };

const handlers: Record<string, (args: never) => unknown> = {
  office: () => (asked.has("nowhere") ? Promise.reject(NOWHERE) : office),
  set_language: ({ language }: { language: "vi" | "en" }) => {
    office.language = language;
  },
  set_theme: ({ theme }: { theme: Theme }) => {
    office.theme = theme;
  },
  letters: ({ room }: { room: string }) =>
    asked.has("empty") ? [] : letters.filter(({ state }) => (room === "waiting") === (state === "waiting")),
  letter: ({ id }: { id: string }) => find(id),
  choose_pdf: () => "/home/van-thu/CT-77-2014-UBND-tang-cuong-CNTT.pdf",
  add_letter: () => "w3",
  open_document: async ({ path }: { path: string }) => {
    await wait(100);
    const error: CommandError = { code: "NotPdf", what: "Tệp này không phải PDF.", advice: "Chọn tệp PDF.", detail: null };
    return opened[path] ?? Promise.reject(error);
  },
  fetch_missing: async ({ path }: { path: string }) => {
    const before = opened[path];
    if (!before) throw new Error(`no file ${path}`);
    stopped = false;
    const hosts = ["ca.gov.vn: danh sách thu hồi", "ocsp.ca.gov.vn: trạng thái chứng thư"];
    for (const [index, host] of hosts.entries()) {
      await emit("fetching", { path, text: `Đang hỏi ${host} (${index + 1})` } satisfies Fetching);
      await wait(Number(asked.get("slow") ?? 50));
      if (stopped) return before;
    }
    return { ...before, verdict: "valid", sentence: "Chữ ký hợp lệ", action: null, missing: [], fetchable: false, asked: hosts };
  },
  stop_fetching: () => {
    stopped = true;
  },
  notices: () => (asked.get("opened")?.includes("mot-byte") ? ["Có hình hoặc phông không đọc được, trang có thể thiếu"] : []),
  token_status: ({ role }: { role: Role }) => token(role),
  sign: async ({ id, pin }: { id: string; pin: string }) => {
    await usePin("leader", pin, id, ["token", "timestamp", "write"]);
    const letter = find(id);
    Object.assign(letter, { state: "signed", signatures: [approval] });
    letter.places = letter.places.filter(({ kind }) => kind !== "leader");
    return { letter: { ...letter } };
  },
  refusal: () => (asked.has("refused") ? REFUSED : null),
  issue: async ({ id, pin }: { id: string; pin: string }) => {
    await usePin("clerk", pin, id, ["number", "token", "timestamp", "write", "queue"]);
    const letter = find(id);
    Object.assign(letter, { state: "queued", signatures: [approval, stamped], notation: letter.notation.replace("…", "77") });
    return { letter: { ...letter }, number: "77", dispatchId: "d1" };
  },
  agencies: ({ query }: { query: string }) => agencies.filter(({ name }) => fold(name).includes(fold(query))),
  dispatches: () => (asked.has("empty") ? [] : dispatches),
  incoming: () => (asked.has("empty") ? [] : incoming),
  incoming_letter: async ({ id }: { id: string }) => {
    await wait(150);
    return incoming.find((letter) => letter.id === id);
  },
  accept: ({ id }: { id: string }) => {
    Object.assign(incoming.find((letter) => letter.id === id) ?? {}, {
      state: "accepted",
      arrivalNumber: "1284",
      receipts: [{ type: "Acceptance", at: new Date().toISOString(), verified: true, issuer: "Hệ thống quản lý văn bản và điều hành tỉnh", recipient: "UBND huyện Phong Điền" }],
    });
  },
  refuse: ({ id }: { id: string }) => {
    Object.assign(incoming.find((letter) => letter.id === id) ?? {}, { state: "refused" });
  },
  sync: async () => {
    await wait(300);
    office.server = { state: "synced", at: new Date().toISOString() };
    await emit("changed", { what: "server" } satisfies Changed);
    return { sent: 0, received: 0, waiting: 0 };
  },
};

/** Answers the page protocol from pictures beside the page. */
async function pixels(address: string): Promise<Response> {
  const [, name, page, width] = /localhost\/([^/]+)\/(\d+)\?width=(\d+)/.exec(address) ?? [];
  const image = new Image();
  image.src = `/letter/${name}-${Number(page) + 1}.png`;
  await image.decode();
  const canvas = window.document.createElement("canvas");
  canvas.width = Number(width);
  canvas.height = Math.round((canvas.width * image.naturalHeight) / image.naturalWidth);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return new Response(data, { headers: { "x-width": String(canvas.width), "x-height": String(canvas.height) } });
}

export function installMock(): void {
  if (asked.get("server") === "offline") office.server = { ...office.server, state: "offline" };
  if (asked.get("language") === "en") office.language = "en";
  const { theme } = Object.fromEntries(asked);
  office.theme = THEMES.find((known) => known === theme) ?? "system";
  office.opened = asked.get("opened");
  mockWindows("main");
  mockConvertFileSrc("linux");
  mockIPC(
    async (command, args) => {
      const handler = handlers[command];
      if (!handler) throw new Error(`${command} is not a command of the desk`);
      // As over the wire: what arrives is never the object that is kept.
      return structuredClone(await handler(args as never));
    },
    { shouldMockEvents: true },
  );
  const real = window.fetch.bind(window);
  window.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return address.startsWith("page:") ? pixels(address) : real(input, init);
  };
}
