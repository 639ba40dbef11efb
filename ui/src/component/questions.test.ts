import { expect, test } from "vitest";
import type { Answer, Question, SignatureCard } from "../ipc/bindings";
import { together } from "./questions";

const signature = (answers: Partial<Record<Question["key"], Answer>>): SignatureCard => ({
  field: Math.random().toString(),
  name: "",
  title: null,
  organ: null,
  claimedAt: null,
  bestAt: null,
  provenTime: false,
  page: null,
  rect: null,
  verdict: "valid",
  act: "plain",
  questions: Object.entries(answers).map(([key, answer]) => ({
    key: key as Question["key"],
    answer,
    title: `${key} ${answer}`,
    evidence: answer,
  })),
});

test("the worst answer of all signatures stands for the letter", () => {
  const all = together([
    signature({ intact: "yes", who: "yes", certificate: "yes", time: "warn" }),
    signature({ intact: "no", who: "yes", certificate: "unknown", time: "yes" }),
  ]);
  expect(all.map(({ key, answer }) => `${key}:${answer}`)).toEqual(["intact:no", "who:yes", "certificate:unknown", "time:warn"]);
});

test("no signatures, no answers", () => {
  expect(together([])).toEqual([]);
});
