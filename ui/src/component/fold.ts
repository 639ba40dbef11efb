// Finding agencies: typed without diacritics, and read from the letter's "Nơi nhận".

import type { Agency } from "../ipc/bindings";

/** One character for each of the input's, so that a position found here is a position there. */
export function fold(text: string): string {
  return Array.from(text.normalize("NFC"), (letter) => {
    const plain = letter.normalize("NFD").charAt(0).toLowerCase();
    return plain === "đ" ? "d" : plain;
  }).join("");
}

export type Part = { text: string; hit: boolean };

/** The name cut where the words looked for stand, with its diacritics kept. */
export function highlight(name: string, query: string): Part[] {
  const text = name.normalize("NFC");
  const needle = fold(query.trim());
  const at = needle ? fold(text).indexOf(needle) : -1;
  if (at < 0) return [{ text, hit: false }];
  const end = at + needle.length;
  return [
    { text: text.slice(0, at), hit: false },
    { text: text.slice(at, end), hit: true },
    { text: text.slice(end), hit: false },
  ].filter((part) => part.text !== "");
}

const LONG: [RegExp, string][] = [
  [/\bubnd\b/g, "uy ban nhan dan"],
  [/\bhdnd\b/g, "hoi dong nhan dan"],
  [/\btp\b\.?/g, "thanh pho"],
  [/\btt&tt\b/g, "thong tin va truyen thong"],
  [/\bvp\b/g, "van phong"],
];

/** Folded, abbreviations written out, one space between words. */
export function spell(text: string): string {
  let long = fold(text);
  for (const [short, full] of LONG) long = long.replace(short, full);
  return long.replace(/[^a-z0-9&]+/g, " ").trim();
}

export type Recipient = { label: string; agencies: Agency[] };
export type Matched = { recipients: Recipient[]; unknown: string[] };

const DEPARTMENTS = /^cac so\b/;
const DISTRICTS = /^uy ban nhan dan cac (huyen|thi xa|thanh pho)/;
const DISTRICT = /^uy ban nhan dan (huyen|thi xa|thanh pho) /;
/** Lines that name people or the file copy, not agencies a letter can be sent to. */
const NOT_SENT = /^(luu|nhu tren|ct |cac pct|van phong (ld|lanh dao)|lanh dao)/;

/**
 * The lines of "Nơi nhận" as agencies of the directory. A line may stand for a group; a line that
 * nothing matches is handed back, so that the clerk sees it instead of it being lost.
 */
export function matchRecipients(lines: string[], directory: Agency[], own: string): Matched {
  const others = directory.filter((agency) => agency.id !== own);
  const matched: Matched = { recipients: [], unknown: [] };
  const taken = new Set<string>();
  for (const line of lines) {
    const wanted = spell(line);
    if (wanted === "" || NOT_SENT.test(wanted)) continue;
    const found = others.filter(({ id, name }) => !taken.has(id) && belongs(spell(name), wanted));
    if (found.length === 0) {
      matched.unknown.push(line);
      continue;
    }
    for (const { id } of found) taken.add(id);
    matched.recipients.push({ label: found.length === 1 ? found[0]!.name : line, agencies: found });
  }
  return matched;
}

function belongs(name: string, wanted: string): boolean {
  if (DEPARTMENTS.test(wanted)) return name.startsWith("so ");
  if (DISTRICTS.test(wanted)) return DISTRICT.test(name);
  return name === wanted || name.includes(` ${wanted}`) || name.startsWith(`${wanted} `);
}
