// The desk's commands and events. One function per command of the shell, with its types;
// nothing else in the front-end names a command.

import { invoke } from "@tauri-apps/api/core";
import { listen, type UnlistenFn } from "@tauri-apps/api/event";

export const commands = {
  office: () => invoke<Office>("office"),
  setLanguage: (language: Language) => invoke<null>("set_language", { language }),
  setTheme: (theme: Theme) => invoke<null>("set_theme", { theme }),
  letters: (room: LetterRoom) => invoke<LetterItem[]>("letters", { room }),
  letter: (id: string) => invoke<Letter>("letter", { id }),
  choosePdf: () => invoke<string | null>("choose_pdf"),
  addLetter: (path: string) => invoke<string>("add_letter", { path }),
  openDocument: (path: string) => invoke<Checked>("open_document", { path }),
  fetchMissing: (path: string) => invoke<Checked>("fetch_missing", { path }),
  stopFetching: (path: string) => invoke<null>("stop_fetching", { path }),
  notices: (token: string) => invoke<string[]>("notices", { token }),
  tokenStatus: (role: Role) => invoke<TokenStatus>("token_status", { role }),
  sign: (id: string, pin: string, place: SignPlace | null) => invoke<Signed>("sign", { id, pin, place }),
  refusal: (id: string) => invoke<Refusal | null>("refusal", { id }),
  issue: (id: string, pin: string, recipients: AgencyRef[]) => invoke<Issued>("issue", { id, pin, recipients }),
  agencies: (query: string) => invoke<Agency[]>("agencies", { query }),
  dispatches: () => invoke<DispatchItem[]>("dispatches"),
  incoming: () => invoke<IncomingItem[]>("incoming"),
  incomingLetter: (id: string, fresh: boolean) => invoke<Incoming>("incoming_letter", { id, fresh }),
  accept: (id: string) => invoke<unknown>("accept", { id }),
  refuse: (id: string, reason: string) => invoke<unknown>("refuse", { id, reason }),
  sync: () => invoke<SyncSummary>("sync"),
};

export const events = {
  changed: event<Changed>("changed"),
  progress: event<Progress>("progress"),
  fetching: event<Fetching>("fetching"),
};

export type Language = "vi" | "en";
export type Theme = "system" | "light" | "dark";
export type Role = "leader" | "clerk";
export type LetterRoom = "waiting" | "outgoing";
export type Urgency = "normal" | "khan" | "thuong-khan" | "hoa-toc";

export type CommandError = { code: string; what: string; advice: string; detail: string | null };

export type Person = { role: Role; name: string; title: string };
export type ServerState = { state: "synced" | "offline" | "never"; at: string | null };
/** `opened` is a file named on the command line, to be looked at first. */
export type Office = {
  agency: string;
  agencyId: string;
  people: Person[];
  language: Language;
  theme: Theme;
  opened: string | null;
  server: ServerState;
};

export type LetterState =
  | "waiting"
  | "signed"
  | "issued"
  | "queued"
  | "sending"
  | "unknown"
  | "blocked"
  | "sent"
  | "done";
export type LetterItem = {
  id: string;
  typeName: string;
  urgency: Urgency;
  subject: string;
  source: string;
  at: string;
  state: LetterState;
  notation: string;
  pages: number;
};

export type PageSize = { width: number; height: number };
/** `token` opens the pixels of this document's pages; sizes are in PDF points. */
export type DocumentRef = { token: string; pages: PageSize[] };
/** `[x0, y0, x1, y1]` in PDF points from the lower left corner of the page as it is shown. */
export type Rect = [number, number, number, number];
export type PlaceKind = "leader" | "number" | "day" | "month" | "seal";
/** `image` is the picture that will be put here, read like a page of a document. */
export type Place = {
  kind: PlaceKind;
  page: number;
  rect: Rect;
  text: string | null;
  image: DocumentRef | null;
};
export type SignPlace = { page: number; rect: Rect };

export type Verdict = "valid" | "unverified" | "invalid" | "unsigned" | "refused";
export type QuestionKey = "intact" | "who" | "certificate" | "time";
export type Answer = "yes" | "warn" | "no" | "unknown";
export type Question = { key: QuestionKey; answer: Answer; title: string; evidence: string };
export type SignatureCard = {
  field: string;
  name: string;
  title: string | null;
  organ: string | null;
  claimedAt: string | null;
  bestAt: string | null;
  provenTime: boolean;
  page: number | null;
  rect: Rect | null;
  verdict: Verdict;
  act: "approve" | "issue" | "plain";
  questions: Question[];
};
export type Cause = { what: string; advice: string };
export type Refusal = { code: string; what: string; advice: string };
export type Letter = LetterItem & {
  document: DocumentRef;
  places: Place[];
  signatures: SignatureCard[];
  recipientsFound: string[];
  signer: Person | null;
  notices: string[];
  dispatch: DispatchItem | null;
};

export type TokenState = "ready" | "absent" | "no-certificate" | "no-driver" | "locked";
export type TokenStatus = {
  state: TokenState;
  label: string | null;
  countLow: boolean;
  finalTry: boolean;
  pinPad: boolean;
  subject: string | null;
  notAfter: string | null;
  advice: string | null;
};

export type Signed = { letter: Letter };
export type AgencyRef = { id: string; name: string };
export type Agency = { id: string; name: string; parent: string | null };
export type Issued = { letter: Letter; number: string; dispatchId: string };

export type DeliveryState = "none" | "arrived" | "accepted" | "rejected" | (string & {});
export type Delivery = { agency: AgencyRef; state: DeliveryState; at: string | null; reason: string | null };
export type Receipt = { type: string; at: string; verified: boolean; issuer: string; recipient: string | null };
export type DispatchState = "queued" | "sending" | "unknown" | "blocked" | "sent" | "done" | (string & {});
export type DispatchItem = {
  id: string;
  letterId: string;
  subject: string;
  notation: string;
  state: DispatchState;
  cause: Cause | null;
  nextAt: string | null;
  attempts: number;
  overdue: boolean;
  deliveries: Delivery[];
  receipts: Receipt[];
};

export type IncomingState = "new" | "accepted" | "refused";
export type IncomingItem = {
  id: string;
  from: string;
  notation: string;
  subject: string;
  urgency: Urgency;
  at: string;
  state: IncomingState;
  verdict: Verdict | "checking";
};
export type Incoming = IncomingItem & {
  document: DocumentRef | null;
  verification: Checked;
  receipts: Receipt[];
  arrivalNumber: string | null;
};
export type Checked = {
  file: string;
  document: DocumentRef | null;
  verdict: Verdict;
  caution: boolean;
  sentence: string;
  cause: string | null;
  action: string | null;
  signatures: SignatureCard[];
  notices: string[];
  missing: string[];
  fetchable: boolean;
  asked: string[];
  demo: string | null;
  basis: string[];
  technical: string;
};

export type SyncSummary = { sent: number; received: number; waiting: number };
export type Changed = { what: "letters" | "outbox" | "inbox" | "token" | "server" };
export type Fetching = { path: string; text: string };
export type Progress = {
  id: string;
  step: "number" | "token" | "timestamp" | "write" | "queue";
  done: number;
  total: number;
};

function event<Payload>(name: string) {
  return {
    listen: (handler: (payload: Payload) => void): Promise<UnlistenFn> =>
      listen<Payload>(name, (message) => handler(message.payload)),
  };
}
