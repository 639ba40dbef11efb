// States and verdicts as words, a tone and an icon: never colour alone.

import { t, type Key } from "../i18n/i18n.svelte";
import type { Answer, Checked, DeliveryState, DispatchState, LetterState, Receipt, Urgency, Verdict } from "../ipc/bindings";

export type Tone = "ok" | "warn" | "bad" | "plain";
export type Wording = { word: string; tone: Tone };

const letterStates: Record<LetterState, [Key, Tone]> = {
  waiting: ["state.waiting", "plain"],
  signed: ["state.signed", "ok"],
  issued: ["state.issued", "ok"],
  queued: ["state.queued", "warn"],
  sending: ["state.sending", "plain"],
  unknown: ["state.unknown", "warn"],
  blocked: ["state.blocked", "warn"],
  sent: ["state.sent", "ok"],
  done: ["state.done", "ok"],
};

export function letterState(state: LetterState): Wording {
  const [key, tone] = letterStates[state] ?? letterStates.sending;
  return { word: t(key), tone };
}

const dispatchStates: Record<string, [Key, Key, Tone]> = {
  queued: ["state.queued", "next.queued", "warn"],
  sending: ["state.sending", "next.sending", "plain"],
  unknown: ["state.unknown", "next.unknown", "warn"],
  blocked: ["state.blocked", "next.blocked", "warn"],
  sent: ["state.sent", "next.sent", "ok"],
  done: ["state.done", "next.done", "ok"],
};

/** What the outbox is doing with a letter, and what will happen by itself. */
export function dispatchState(state: DispatchState): Wording & { next: string } {
  const [key, next, tone] = dispatchStates[state] ?? dispatchStates["sending"]!;
  return { word: t(key), next: t(next), tone };
}

/** How far a letter has come at one recipient: 0 sent, 1 arrived, 2 taken in. */
const deliveryStates: Record<string, [Key, Tone, 0 | 1 | 2]> = {
  none: ["delivery.none", "plain", 0],
  relayed: ["delivery.none", "plain", 0],
  arrived: ["delivery.arrived", "ok", 1],
  accepted: ["delivery.accepted", "ok", 2],
  assigned: ["delivery.accepted", "ok", 2],
  "in-progress": ["delivery.accepted", "ok", 2],
  done: ["delivery.done", "ok", 2],
  rejected: ["delivery.rejected", "warn", 1],
  refused: ["delivery.rejected", "warn", 1],
  "non-delivered": ["delivery.undelivered", "warn", 0],
  recalled: ["delivery.recalled", "warn", 1],
  disputed: ["delivery.disputed", "warn", 1],
};

export function deliveryState(state: DeliveryState): Wording & { reached: 0 | 1 | 2 } {
  const [key, tone, reached] = deliveryStates[state] ?? deliveryStates["none"]!;
  return { word: t(key), tone, reached };
}

const verdicts: Record<Verdict | "checking", [Key, Tone]> = {
  valid: ["verdict.valid", "ok"],
  unverified: ["verdict.unverified", "warn"],
  invalid: ["verdict.invalid", "bad"],
  unsigned: ["verdict.unsigned", "plain"],
  refused: ["verdict.refused", "warn"],
  checking: ["verdict.checking", "plain"],
};

export function verdictWording(verdict: Verdict | "checking"): Wording {
  const [key, tone] = verdicts[verdict] ?? verdicts.unverified;
  return { word: t(key), tone };
}

export function urgencyStamp(urgency: Urgency): string | null {
  if (urgency === "hoa-toc") return t("urgency.hoa-toc");
  if (urgency === "thuong-khan") return t("urgency.thuong-khan");
  return urgency === "khan" ? t("urgency.khan") : null;
}

const answers: Record<Answer, [Key, Tone]> = {
  yes: ["answer.yes", "ok"],
  warn: ["answer.warn", "warn"],
  no: ["answer.no", "bad"],
  unknown: ["answer.unknown", "warn"],
};

export function answerWording(answer: Answer): Wording {
  const [key, tone] = answers[answer] ?? answers.unknown;
  return { word: t(key), tone };
}

const receiptTypes: Record<string, Key> = {
  SubmissionAcceptance: "receipt.submission",
  SubmissionRejection: "receipt.submission-refused",
  Arrival: "receipt.arrival",
  Acceptance: "receipt.acceptance",
  Refusal: "receipt.refusal",
  Assigned: "receipt.assigned",
  InProgress: "receipt.in-progress",
  Done: "receipt.done",
  NonDelivery: "receipt.undelivered",
};

export function receiptName(receipt: Receipt): string {
  const key = receiptTypes[receipt.type];
  return key ? t(key) : receipt.type;
}

/** Why a file shows no page: what the drawing says, else what the verdict rests on. */
export function noPages({ notices, cause }: Checked): string {
  return notices.length > 0 ? notices.join(" ") : (cause ?? "");
}

const ABOUT = /^về việc\s+/i;

/** In a list the subject begins with what it is about. */
export function listTitle(subject: string): string {
  const about = subject.normalize("NFC").replace(ABOUT, "");
  return about.charAt(0).toLocaleUpperCase("vi") + about.slice(1);
}

/** "Chỉ thị về việc …", or type and subject with a colon between. */
export function letterTitle({ typeName, subject }: { typeName: string; subject: string }): string {
  const whole = subject.normalize("NFC");
  if (ABOUT.test(whole)) return `${typeName} về việc ${whole.replace(ABOUT, "")}`;
  if (/^v\/v\b/i.test(whole)) return `${typeName} ${whole}`;
  return typeName ? `${typeName}: ${whole}` : whole;
}

const SHORT: [RegExp, string][] = [
  [/Ủy ban nhân dân/g, "UBND"],
  [/Hội đồng nhân dân/g, "HĐND"],
];

/** Agencies as the letters themselves abbreviate them, where room is scarce. */
export function brief(text: string): string {
  return SHORT.reduce((brief, [long, short]) => brief.replace(long, short), text.normalize("NFC"));
}

/** A long file name keeps its beginning and its end. */
export function middle(name: string, length: number): string {
  if (name.length <= length) return name;
  const tail = Math.floor((length - 1) / 2);
  return `${name.slice(0, length - 1 - tail)}…${name.slice(-tail)}`;
}
