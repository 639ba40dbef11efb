// The places found in a letter, as the marks an act will leave on its pages.

import { t } from "../i18n/i18n.svelte";
import type { Letter, Place, SignPlace } from "../ipc/bindings";
import type { Mark } from "./mark";

const plain = { image: null, label: null, hint: null, movable: false } as const;

/** Where the leader signs: as found, or as the leader moved it. */
export function leaderMark(letter: Letter, moved: SignPlace | null): Mark | null {
  const found = letter.places.find((place) => place.kind === "leader");
  const place = moved ?? found;
  if (!place) return null;
  return {
    id: "leader",
    look: "leader",
    page: place.page,
    rect: place.rect,
    text: found?.text ?? letter.signer?.name ?? null,
    image: found?.image ?? null,
    label: t("mark.leader"),
    hint: t("mark.leader.hint"),
    movable: true,
  };
}

/** Number, date and seal, numbered as the panel numbers them. */
export function issueMarks(letter: Letter): Mark[] {
  const marks: Mark[] = [];
  const by = (kind: Place["kind"]) => letter.places.filter((place) => place.kind === kind);
  const add = (place: Place, look: Mark["look"], number: string | undefined, label: string | null) =>
    marks.push({
      ...plain,
      id: `${place.kind}-${place.page}-${marks.length}`,
      look,
      page: place.page,
      rect: place.rect,
      text: place.text ?? (place.kind === "seal" ? t("mark.seal.inside") : null),
      image: place.image,
      ...(number ? { number } : {}),
      label,
    });
  for (const place of by("number")) add(place, "number", "1", t("mark.number"));
  for (const place of by("day")) add(place, "date", "2", t("mark.date"));
  for (const place of by("month")) add(place, "date", undefined, null);
  for (const place of by("seal")) add(place, "seal", "3", t("mark.seal"));
  return marks;
}
