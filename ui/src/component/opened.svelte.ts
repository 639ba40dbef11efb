import type { CommandError } from "../ipc/bindings";
import { toCommandError } from "../ipc/error";

/** The one thing a room has open. A slow answer for what was left meanwhile is dropped. */
export class Opened<Thing> {
  id = $state<string | null>(null);
  value = $state.raw<Thing | null>(null);
  failure = $state.raw<CommandError | null>(null);
  loading = $state(false);
  private turn = 0;

  constructor(private readonly read: (id: string) => Promise<Thing>) {}

  async open(id: string, read: (id: string) => Promise<Thing> = this.read): Promise<void> {
    const turn = ++this.turn;
    if (id !== this.id) this.value = null;
    this.id = id;
    this.loading = true;
    this.failure = null;
    try {
      const value = await read(id);
      if (turn === this.turn) this.value = value;
    } catch (thrown) {
      if (turn === this.turn) this.failure = toCommandError(thrown);
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }

  close(): void {
    this.turn += 1;
    this.id = null;
    this.value = null;
    this.failure = null;
    this.loading = false;
  }
}
