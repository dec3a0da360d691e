// What the evidence of an order comes to, before anybody reads it word for word.
import type { Evidence } from './bindings/view';
import type { Shape } from './parts/Icon.svelte';
import { rupiah } from './rupiah';
import type { Tone } from './state';
import { t } from './texts.svelte';
import { dated } from './time';

export type Finding = { shape: Shape; tone: Tone; words: string };

export const findings = (evidence: Evidence): Finding[] => [payment(evidence), lookUps(evidence), notifications(evidence), entries(evidence)];

function payment({ order, integrity }: Evidence): Finding {
  if (!['paid', 'paid_late'].includes(order.state) || !order.paid_at) return neither(t('evidence.not_paid'));
  // A book that somebody has changed proves nothing by itself.
  if (integrity === 'doubtful') return bad(t('evidence.paid_doubtful', { rupiah: rupiah(order.amount) }));
  return good(t('evidence.paid', { rupiah: rupiah(order.amount), at: dated(order.paid_at) }));
}

/** A question that got no answer is no proof of anything. */
const unanswered = new Set(['not_reached', 'timed_out', 'cut', 'nonsense']);

function lookUps({ pieces }: Evidence): Finding {
  const asked = pieces.filter((piece) => piece.asked === 'look_up' && piece.outcome && !unanswered.has(piece.outcome));
  const count = asked.reduce((sum, piece) => sum + piece.times, 0);
  const latest = asked.map((piece) => piece.last_at).sort().at(-1);
  return latest ? good(t('evidence.looks', { count, at: dated(latest) })) : neither(t('evidence.no_looks'));
}

function notifications({ pieces }: Evidence): Finding {
  const told = pieces.filter((piece) => piece.signature !== null);
  const genuine = told.filter((piece) => piece.signature === 'genuine').length;
  if (told.length === 0) return neither(t('evidence.no_notifications'));
  if (genuine === told.length) return good(t('evidence.notifications', { count: genuine }));
  return bad(t('evidence.notifications_bad', { count: told.length, good: genuine }));
}

function entries({ integrity, entries }: Evidence): Finding {
  const words = t(`evidence_page.chain.${integrity}`, { count: entries });
  if (integrity === 'whole') return good(words);
  return integrity === 'doubtful' ? bad(words) : { shape: 'wait', tone: 'wait', words };
}

const good = (words: string): Finding => ({ shape: 'paid', tone: 'paid', words });
const bad = (words: string): Finding => ({ shape: 'alert', tone: 'alert', words });
const neither = (words: string): Finding => ({ shape: 'over', tone: 'over', words });
