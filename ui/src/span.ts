// How long ago and how much longer, in words.
import { t } from './texts.svelte';

/** `23 j 58 m`, for a list; the last minute counts seconds. */
export function shortSpan(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  if (days > 0) return hours > 0 ? t('span.days_short', { days, hours }) : t('span.whole_days', { days });
  if (hours > 0) return minutes > 0 ? t('span.hours_short', { hours, minutes }) : t('span.whole_hours', { hours });
  if (minutes > 0) return t('span.minutes_short', { minutes });
  return t('span.seconds_short', { seconds });
}

/** `23 jam 58 menit`, for the code card. */
export function span(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  if (days > 0) return hours > 0 ? t('span.days', { days, hours }) : t('span.whole_days', { days });
  if (hours > 0) return minutes > 0 ? t('span.hours', { hours, minutes }) : t('span.whole_hours', { hours });
  if (minutes > 0) return t('span.minutes', { minutes });
  return t('span.seconds', { seconds });
}

function split(ms: number) {
  const total = Math.max(0, Math.floor(ms / 1000));
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor((total % 86_400) / 3600),
    minutes: Math.floor((total % 3600) / 60),
    seconds: total % 60,
  };
}
