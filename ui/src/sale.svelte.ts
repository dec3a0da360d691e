import type { CodeCard, Deed, Draft, Problem } from './bindings/view';
import { clock } from './clock.svelte';
import { desk } from './desk.svelte';
import { draftFrom, emptyDraft } from './draft';
import * as till from './till';

const pauseBeforeSaving = 250;

/** The customer in front of you: the order being made, then its code card. It outlives a change of screen. */
class Sale {
  draft = $state<Draft>(emptyDraft());
  card = $state.raw<CodeCard | null>(null);
  /** Why the draft was not taken; shown at its field. */
  problem = $state.raw<Problem | null>(null);
  /** Why something on the card did not work. */
  cardProblem = $state.raw<Problem | null>(null);
  charging = $state(false);
  /** What is being done with the card, so that nothing is pressed twice. */
  doing = $state<'check' | 'cancel' | 'practise' | 'reuse' | null>(null);
  /** When the cashier last asked Midtrans about this card, and what came of it. */
  checkedAt = $state<string | null>(null);
  /** Who handed over the last goods; offered again. */
  by = $state('');

  /** What the draft said where the problem was. */
  #concern = '';
  #saving: ReturnType<typeof setTimeout> | undefined;

  restore(draft: Draft | null) {
    this.draft = draft ?? emptyDraft();
    this.problem = null;
    this.next();
  }

  /** Keeps what was typed, a moment after the last key. */
  keep(draft: Draft) {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => {
      till.saveDraft(draft).catch((thrown) => (this.problem = till.problemFrom(thrown)));
    }, pauseBeforeSaving);
  }

  /** Forgets the problem once what it was about has changed. */
  reconsider(draft: Draft) {
    if (this.problem && concern(this.problem, draft) !== this.#concern) this.problem = null;
  }

  /** Makes the code. Pressing twice makes one: while one is being made, nothing else is. */
  async charge() {
    if (this.charging) return;
    this.charging = true;
    this.problem = null;
    try {
      const card = await till.charge($state.snapshot(this.draft));
      this.show(card);
      this.#begin(emptyDraft(this.draft.store));
    } catch (thrown) {
      this.problem = till.problemFrom(thrown);
      this.#concern = concern(this.problem, this.draft);
    } finally {
      this.charging = false;
      desk.readFreshness();
    }
  }

  async open(id: string) {
    try {
      this.show(await till.card(id));
    } catch (thrown) {
      this.cardProblem = till.problemFrom(thrown);
    }
  }

  show(card: CodeCard) {
    this.card = card;
    this.cardProblem = null;
    this.checkedAt = null;
  }

  /** Reads the open card again, because the ledger changed. */
  async refresh() {
    const id = this.card?.order.id;
    if (!id) return;
    const card = await till.card(id).catch(() => null);
    if (card) this.#put(id, card);
  }

  next() {
    this.card = null;
    this.cardProblem = null;
    this.checkedAt = null;
  }

  check = () => this.#do('check', async (id) => {
    this.#put(id, await till.check(id));
    this.checkedAt = new Date(clock.now).toISOString();
  });

  cancel = () => this.#do('cancel', async (id) => this.#put(id, await till.cancel(id)));

  practise = (deed: Deed) => this.#do('practise', async (id) => {
    await till.practise(id, deed);
    await this.refresh();
  });

  /** Puts an order that came to nothing back as the draft. */
  reuse = () => this.#do('reuse', async (id) => {
    const draft = draftFrom(await till.order(id));
    this.next();
    this.#begin(draft);
  });

  /** Takes over what became of the card elsewhere. */
  take(card: CodeCard) {
    this.#put(card.order.id, card);
  }

  /** Takes a card in, unless the cashier has gone on to the next customer meanwhile. */
  #put(id: string, card: CodeCard) {
    if (this.card?.order.id === id) this.card = card;
  }

  /** Begins an order; what was typed before it is not offered again. */
  #begin(draft: Draft) {
    this.draft = draft;
    this.keep(draft);
  }

  async #do(what: NonNullable<Sale['doing']>, deed: (id: string) => Promise<void>) {
    const id = this.card?.order.id;
    if (!id || this.doing) return;
    this.doing = what;
    this.cardProblem = null;
    try {
      await deed(id);
    } catch (thrown) {
      this.cardProblem = till.problemFrom(thrown);
    } finally {
      this.doing = null;
      // Whoever just met a dead line is told at once, and not at the next look.
      desk.readFreshness();
    }
  }
}

/** What a problem is about: its field, and what that field is compared with. */
function concern({ field }: Problem, { amount, store, items, ...rest }: Draft): string {
  if (field === 'amount' || field === 'items' || field === 'store') return JSON.stringify([amount, store, items]);
  return String(rest[field as keyof typeof rest]);
}

export const sale = new Sale();
