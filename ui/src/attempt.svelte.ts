import type { Problem } from './bindings/view';
import { problemFrom } from './till';

/** Something that may fail: pressed twice it is done once, and why it failed stays until the next try. */
export class Attempt {
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  /** Whether it was done: not if one is under way, and not if it failed. */
  async make(deed: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await deed();
      return true;
    } catch (thrown) {
      this.problem = problemFrom(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
