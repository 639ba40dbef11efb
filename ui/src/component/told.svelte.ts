import { language } from "../i18n/i18n.svelte";
import { commands } from "../ipc/bindings";

/** What pages cannot tell about themselves. Fonts and pictures are only met in drawing, so it is asked for after each page. */
class Told {
  private lists = $state.raw<Record<string, string[]>>({});

  /** Notices about a document in the language in use; null before a page of it was drawn. */
  of(token: string): string[] | null {
    return this.lists[`${language()} ${token}`] ?? null;
  }

  async ask(token: string): Promise<void> {
    const key = `${language()} ${token}`;
    try {
      const notices = await commands.notices(token);
      this.lists = { ...this.lists, [key]: notices };
    } catch {
      // The page is on the screen; what is known of it from its opening stays.
    }
  }
}

export const told = new Told();
