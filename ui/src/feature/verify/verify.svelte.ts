import { commands, type Checked, type CommandError } from "../../ipc/bindings";
import { toCommandError } from "../../ipc/error";

export type CheckedFile = { id: string; path: string; name: string; checked: Checked | null; failure: CommandError | null };

/** The files looked at since the start. Nothing of them is kept or leaves the machine. */
class Checks {
  files = $state.raw<CheckedFile[]>([]);
  selected = $state<string | null>(null);

  async open(path: string): Promise<void> {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    if (!this.files.some((file) => file.id === path)) {
      this.files = [{ id: path, path, name, checked: null, failure: null }, ...this.files];
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

  private put(path: string, change: Partial<CheckedFile>): void {
    this.files = this.files.map((file) => (file.id === path ? { ...file, ...change } : file));
  }
}

export const checks = new Checks();
