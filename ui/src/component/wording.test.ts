import { afterEach, expect, test } from "vitest";
import { speak } from "../i18n/i18n.svelte";
import type { Receipt } from "../ipc/bindings";
import { brief, deliveryState, dispatchState, letterState, letterTitle, listTitle, middle, receiptName, verdictWording } from "./wording";

afterEach(() => speak("vi"));

test("each state of the outbox says what is safe", () => {
  expect(dispatchState("queued")).toMatchObject({ word: "chờ gửi", tone: "warn" });
  expect(dispatchState("queued").next).toContain("lưu trên máy này");
  expect(dispatchState("unknown").next).toContain("không gửi hai lần");
  expect(dispatchState("blocked").next).toContain("vẫn nguyên");
  expect(dispatchState("done")).toMatchObject({ word: "xong", tone: "ok" });
});

test("a state of a newer server is not read as a failure", () => {
  expect(dispatchState("hibernating").tone).toBe("plain");
  expect(deliveryState("hibernating")).toMatchObject({ tone: "plain", reached: 0 });
});

test("red is for what is not valid, and for nothing else", () => {
  expect(verdictWording("invalid").tone).toBe("bad");
  for (const verdict of ["unverified", "refused", "unsigned", "checking", "valid"] as const) {
    expect(verdictWording(verdict).tone, verdict).not.toBe("bad");
  }
  expect(verdictWording("checking").tone, "no provisional green").toBe("plain");
  expect(letterState("blocked").tone).toBe("warn");
  expect(deliveryState("rejected").tone).toBe("warn");
});

test("receipts by their type", () => {
  const receipt = (type: string): Receipt => ({ type, at: "", verified: true, issuer: "", recipient: null });
  expect(receiptName(receipt("SubmissionAcceptance"))).toBe("Hệ thống tỉnh đã nhận");
  expect(receiptName(receipt("Acceptance"))).toBe("Nơi nhận đã tiếp nhận");
  expect(receiptName(receipt("Tombstone"))).toBe("Tombstone");
});

test("titles", () => {
  const subject = "Về việc tăng cường trao đổi văn bản điện tử";
  expect(letterTitle({ typeName: "Chỉ thị", subject })).toBe("Chỉ thị về việc tăng cường trao đổi văn bản điện tử");
  expect(listTitle(subject)).toBe("Tăng cường trao đổi văn bản điện tử");
  expect(letterTitle({ typeName: "Công văn", subject: "V/v rà soát biên chế" })).toBe("Công văn V/v rà soát biên chế");
  expect(letterTitle({ typeName: "Quyết định", subject: "Phê duyệt kế hoạch" })).toBe("Quyết định: Phê duyệt kế hoạch");
});

test("agencies are abbreviated as the letters do it", () => {
  expect(brief("Ủy ban nhân dân tỉnh Thừa Thiên Huế")).toBe("UBND tỉnh Thừa Thiên Huế");
  expect(brief("Ủy ban nhân dân huyện A".normalize("NFD")), "however it was typed").toBe("UBND huyện A");
  expect(brief("Sở Nội vụ")).toBe("Sở Nội vụ");
});

test("a long file name is shortened in the middle", () => {
  expect(middle("a.pdf", 20)).toBe("a.pdf");
  const short = middle("CT-77-2014-UBND-tang-cuong-CNTT.pdf", 20);
  expect(short).toHaveLength(20);
  expect(short).toMatch(/^CT-77-2014…?.*CNTT\.pdf$/);
});
