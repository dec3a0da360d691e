import { Attempt } from './attempt.svelte';
import type { OrderPapers } from './bindings/view';
import * as till from './till';

/** The slip or receipt of one order on paper: what became of it, and the next one. It outlives the change from code to payment. */
export class Papers {
  view = $state.raw<OrderPapers | null>(null);
  /** The next one is looked at. */
  looking = $state(false);
  readonly attempt = new Attempt();
  #id: string;
  /** Answers to an older question are dropped, however late they come. */
  #question = 0;

  constructor(id: string) {
    this.#id = id;
  }

  get latest() {
    return this.view?.latest ?? null;
  }

  get next() {
    return this.view?.next ?? null;
  }

  /** It comes out by itself as soon as its printer takes it; asking again would make two. */
  get underWay() {
    return this.latest?.state === 'queued' || this.latest?.state === 'going_out';
  }

  /** Nobody knows until somebody has looked, and whether the next one is a copy hangs on it. */
  get unsure() {
    return this.latest?.state === 'unknown' && this.latest.came_out === null;
  }

  get mayBePrinted() {
    return Boolean(this.next?.printer) && !this.underWay && !this.unsure;
  }

  async read() {
    const question = ++this.#question;
    // Whatever keeps them from being read keeps the card from being read too, which says so.
    const answer = await till.orderPapers(this.#id).catch(() => null);
    if (answer && question === this.#question) this.view = answer;
  }

  print = async () => {
    this.looking = false;
    if (this.mayBePrinted) await this.attempt.make(() => till.print(this.#id));
    await this.read();
  };

  async settle(cameOut: boolean) {
    const { latest } = this;
    if (latest) await this.attempt.make(() => till.settlePaper(latest.id, cameOut));
    await this.read();
  }
}
