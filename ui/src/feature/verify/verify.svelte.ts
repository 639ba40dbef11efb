import { commands, events, type Checked, type CommandError } from "../../ipc/bindings";
import { toCommandError } from "../../ipc/error";

/** `fetching` says who is being asked just now; null when nobody is. */
export type CheckedFile = {
  id: string;
  path: string;
  name: string;
  checked: Checked | null;
  failure: CommandError | null;
  fetching: string | null;
};

/** The files looked at since the start. Nothing of them is kept or leaves the machine. */
class Checks {
  files = $state.raw<CheckedFile[]>([]);
  selected = $state<string | null>(null);

  async open(path: string): Promise<void> {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    if (!this.files.some((file) => file.id === path)) {
      this.files = [{ id: path, path, name, checked: null, failure: null, fetching: null }, ...this.files];
    }
    this.selected = path;
    await this.check(path);
  }

  /** Checks again, for instance because the language of the sentences changed. */
  async check(path: string): Promise<void> {
    this.put(path, { checked: null, failure: null });
    try {
      this.put(path, { checked: await commands.openDocument(path) });
    } catch (thrown) {
      this.put(path, { failure: toCommandError(thrown) });
    }
  }

  /** Asks those who have what is missing. The verdict at hand stands until the new one is there. */
  async fetch(path: string): Promise<void> {
    if (this.files.some((file) => file.id === path && file.fetching !== null)) return;
    this.put(path, { fetching: "" });
    const stop = await events.fetching.listen(({ path: of, text }) => {
      if (of === path && this.files.some((file) => file.id === path && file.fetching !== null)) this.put(path, { fetching: text });
    });
    try {
      this.put(path, { checked: await commands.fetchMissing(path) });
    } catch (thrown) {
      this.put(path, { failure: toCommandError(thrown) });
    } finally {
      this.put(path, { fetching: null });
      stop();
    }
  }

  /** What was fetched by then is kept. */
  async stop(path: string): Promise<void> {
    try {
      await commands.stopFetching(path);
    } catch (thrown) {
      this.put(path, { failure: toCommandError(thrown) });
    }
  }

  private put(path: string, change: Partial<CheckedFile>): void {
    this.files = this.files.map((file) => (file.id === path ? { ...file, ...change } : file));
  }
}

export const checks = new Checks();
