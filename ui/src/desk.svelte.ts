// What all rooms share: who works here, which room is open, the four lists, the tokens' state.

import { checks } from "./feature/verify/verify.svelte";
import { language, speak, t } from "./i18n/i18n.svelte";
import {
  commands,
  events,
  type Changed,
  type CommandError,
  type DispatchItem,
  type IncomingItem,
  type Language,
  type LetterItem,
  type Office,
  type Person,
  type Role,
  type Theme,
  type TokenStatus,
} from "./ipc/bindings";
import { toCommandError } from "./ipc/error";
import { setTheme } from "./theme.svelte";

export const ROOMS = ["sign", "outgoing", "incoming", "verify"] as const;
export type Room = (typeof ROOMS)[number];
type List = "waiting" | "outgoing" | "dispatches" | "incoming";
type Act = "office" | "sync" | "choice";

class Desk {
  room = $state<Room>("sign");
  office = $state.raw<Office | null>(null);
  tokens = $state.raw<Partial<Record<Role, TokenStatus>>>({});
  waiting = $state.raw<LetterItem[] | null>(null);
  outgoing = $state.raw<LetterItem[] | null>(null);
  dispatches = $state.raw<DispatchItem[] | null>(null);
  incoming = $state.raw<IncomingItem[] | null>(null);
  /** What could not be read or done, and why; shown across the desk until it succeeds. */
  failures = $state.raw<Partial<Record<List | Act, CommandError>>>({});
  /** The letter last looked at in each room, so that the list keeps its place. */
  selected = $state<Partial<Record<Room | "sent", string>>>({});
  /** In a narrow window the list is a drawer. */
  drawer = $state(false);
  syncing = $state(false);
  now = $state.raw(new Date());

  get failure(): CommandError | null {
    return Object.values(this.failures)[0] ?? null;
  }

  /** What stands in a list with nothing in it: that is either known, or not known yet, or cannot be known. */
  emptiness(list: List, empty: string): string {
    if (this[list] !== null) return empty;
    return this.failures[list] ? t("list.failed") : t("list.loading");
  }

  person(role: Role): Person | null {
    return this.office?.people.find((person) => person.role === role) ?? null;
  }

  open(room: Room): void {
    this.room = room;
    this.drawer = false;
    void this.loadToken(room === "sign" ? "leader" : "clerk");
  }

  async start(): Promise<void> {
    await events.changed.listen((change) => void this.onChanged(change));
    setInterval(() => (this.now = new Date()), 30_000);
    await this.loadOffice();
    if (!this.office) return;
    setTheme(this.office.theme);
    if (this.office.opened) {
      this.room = "verify";
      void checks.open(this.office.opened);
    }
    await this.loadAll();
    void this.loadToken("leader");
    void this.loadToken("clerk");
  }

  async loadOffice(): Promise<void> {
    await this.guard("office", async () => {
      this.office = await commands.office();
      speak(this.office.language);
    });
  }

  async loadAll(): Promise<void> {
    await Promise.all((["waiting", "outgoing", "dispatches", "incoming"] as const).map((list) => this.load(list)));
  }

  async load(list: List): Promise<void> {
    await this.guard(list, async () => {
      if (list === "waiting") this.waiting = await commands.letters("waiting");
      if (list === "outgoing") this.outgoing = await commands.letters("outgoing");
      if (list === "dispatches") this.dispatches = await commands.dispatches();
      if (list === "incoming") this.incoming = await commands.incoming();
    });
  }

  async loadToken(role: Role): Promise<void> {
    try {
      const status = await commands.tokenStatus(role);
      this.tokens = { ...this.tokens, [role]: status };
    } catch (thrown) {
      const { what, advice } = toCommandError(thrown);
      const unknown: TokenStatus = {
        state: "no-driver",
        label: null,
        countLow: false,
        finalTry: false,
        pinPad: false,
        subject: null,
        notAfter: null,
        advice: `${what} ${advice}`,
      };
      this.tokens = { ...this.tokens, [role]: unknown };
    }
  }

  async sync(): Promise<void> {
    if (this.syncing) return;
    this.syncing = true;
    try {
      await this.guard("sync", async () => {
        await commands.sync();
      });
      await this.loadOffice();
      await this.loadAll();
    } finally {
      this.syncing = false;
    }
  }

  async setLanguage(next: Language): Promise<void> {
    await this.guard("choice", async () => {
      await commands.setLanguage(next);
    });
    await this.loadOffice();
    if (language() !== next) speak(next);
    if (this.office) await Promise.all([this.loadAll(), this.loadToken("leader"), this.loadToken("clerk")]);
  }

  async setTheme(next: Theme): Promise<void> {
    setTheme(next);
    await this.guard("choice", async () => {
      await commands.setTheme(next);
    });
  }

  private async onChanged({ what }: Changed): Promise<void> {
    if (what === "letters") await Promise.all([this.load("waiting"), this.load("outgoing")]);
    if (what === "outbox") await Promise.all([this.load("outgoing"), this.load("dispatches")]);
    if (what === "inbox") await this.load("incoming");
    if (what === "server") await this.loadOffice();
    if (what === "token") await Promise.all([this.loadToken("leader"), this.loadToken("clerk")]);
  }

  private async guard(what: List | Act, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      const { [what]: _mended, ...left } = this.failures;
      this.failures = left;
    } catch (thrown) {
      this.failures = { ...this.failures, [what]: toCommandError(thrown) };
    }
  }
}

export const desk = new Desk();
