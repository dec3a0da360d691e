// What makes the window less true than usual, the weightiest first. Only the first is shown at once.
import type { Freshness, Problem, Today } from './bindings/view';
import type { Part, Screen } from './desk.svelte';
import type { Shape } from './parts/Icon.svelte';
import { span } from './span';
import { problemText, t } from './texts.svelte';
import { clockOrDay } from './time';

export type Warning = {
  id: string;
  tone: 'alert' | 'wait';
  shape: Shape;
  /** What is the matter and what to do; said aloud when it comes up. */
  words: string;
  /** What changes while it stands, and is not said again each time. */
  more?: string;
  /** Where the remedy is. */
  at?: Screen;
  part?: Part;
};

export function warnings(freshness: Freshness | null, today: Today | null, unread: Problem | null, now: number): Warning[] {
  const all: (Warning | false | null | undefined)[] = [
    unread && { id: 'unread', tone: 'alert', shape: 'attention', words: problemText(unread) },
    ...(freshness ? ofFreshness(freshness, today?.warnings ?? [], now) : []),
  ];
  return all.filter((warning): warning is Warning => Boolean(warning));
}

function ofFreshness(freshness: Freshness, matters: string[], now: number): (Warning | false | null)[] {
  const { online, last_contact, problem, alarm, room, copies_problem, clock_ahead_seconds } = freshness;
  const skew = clock_ahead_seconds ?? 0;
  const contact = last_contact
    ? t('banner.last_contact', { at: clockOrDay(last_contact, now), span: span(now - Date.parse(last_contact)) })
    : t('banner.never_contact');
  return [
    room === 'full' && { id: 'full', tone: 'alert', shape: 'disk', words: t('banner.disk_full') },
    matters.includes('tampered') && { id: 'tampered', tone: 'alert', shape: 'attention', words: t('banner.tampered'), at: 'attention' },
    problem && { id: 'problem', tone: 'alert', shape: 'key', words: problemText(problem), at: 'settings', part: 'environment' },
    matters.includes('restored') && { id: 'restored', tone: 'wait', shape: 'attention', words: t('banner.restored'), at: 'attention' },
    !online && { id: 'offline', tone: 'wait', shape: 'attention', words: t('banner.offline'), more: contact },
    // While nothing can be reached, nothing could be heard either.
    online && alarm && { id: 'alarm', tone: 'wait', shape: 'ear', words: t(`banner.${alarm.kind}`, { count: alarm.orders, orders: alarm.orders, since: clockOrDay(alarm.since, now), why: alarm.problem ? problemText(alarm.problem) : '' }), at: 'settings', part: 'relay' },
    room === 'low' && { id: 'low', tone: 'wait', shape: 'disk', words: t('banner.disk_low') },
    copies_problem && room !== 'full' && { id: 'copies', tone: 'wait', shape: 'disk', words: t('banner.no_copy', { why: problemText(copies_problem) }), at: 'settings', part: 'copies' },
    skew !== 0 && { id: 'clock', tone: 'wait', shape: 'wait', words: t(skew > 0 ? 'banner.clock_ahead' : 'banner.clock_behind', { span: span(Math.abs(skew) * 1000) }) },
  ];
}
