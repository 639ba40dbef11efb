import { expect, test } from "vitest";
import type { Agency } from "../ipc/bindings";
import { fold, highlight, matchRecipients, spell } from "./fold";

const agency = (id: string, name: string): Agency => ({ id, name, parent: null });
const OWN = agency("H57", "Ủy ban nhân dân tỉnh Thừa Thiên Huế");
const TTTT = agency("12.H57", "Sở Thông tin và Truyền thông");
const HUE = agency("21.H57", "UBND thành phố Huế");
const PHONG_DIEN = agency("23.H57", "UBND huyện Phong Điền");
const TOWN = agency("1.23.H57", "UBND thị trấn Phong Điền");
const DIRECTORY = [OWN, TTTT, HUE, PHONG_DIEN, TOWN];

test("folding keeps one character for each, composed or not", () => {
  expect(fold("Ủy ban Phong Điền")).toBe("uy ban phong dien");
  expect(fold("Điền".normalize("NFD"))).toBe("dien");
  expect(fold("Ủy ban")).toHaveLength("Ủy ban".length);
});

test("what was typed without diacritics is marked with them", () => {
  expect(highlight("UBND huyện Phong Điền", "phong dien")).toEqual([
    { text: "UBND huyện ", hit: false },
    { text: "Phong Điền", hit: true },
  ]);
  expect(highlight("Sở Nội vụ", "huế")).toEqual([{ text: "Sở Nội vụ", hit: false }]);
});

test("abbreviations are written out", () => {
  expect(spell("- UBND TP. Huế;")).toBe("uy ban nhan dan thanh pho hue");
  expect(spell("Sở TT&TT")).toBe("so thong tin va truyen thong");
});

test("the Directive's recipients become agencies of the directory", () => {
  const lines = [
    "TT Tỉnh ủy, TT HĐND tỉnh",
    "CT, các PCT UBND tỉnh",
    "Các sở, ban, ngành cấp tỉnh",
    "UBND các huyện, thị xã, TP Huế",
    "VP: LĐ, các CV",
    "Lưu: VT, CN",
  ];
  const { recipients, unknown } = matchRecipients(lines, DIRECTORY, OWN.id);
  expect(recipients).toEqual([
    { label: "Sở Thông tin và Truyền thông", agencies: [TTTT] },
    { label: "UBND các huyện, thị xã, TP Huế", agencies: [HUE, PHONG_DIEN] },
  ]);
  expect(unknown, "a line that matches nothing is told, not lost").toEqual(["TT Tỉnh ủy, TT HĐND tỉnh"]);
});

test("a single agency is found by its short and its long name, once", () => {
  const { recipients } = matchRecipients(["Ủy ban nhân dân huyện Phong Điền", "UBND huyện Phong Điền"], DIRECTORY, OWN.id);
  expect(recipients).toEqual([{ label: "UBND huyện Phong Điền", agencies: [PHONG_DIEN] }]);
});

test("the office never sends to itself", () => {
  expect(matchRecipients(["UBND tỉnh Thừa Thiên Huế"], DIRECTORY, OWN.id).recipients).toEqual([]);
});
