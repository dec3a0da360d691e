// Times are stored as UTC and shown in WIB (GMT+7), whatever zone this PC believes it is in.
import { speech } from './speech.svelte';

const zone = 'Asia/Jakarta';
const formats = new Map<string, Intl.DateTimeFormat>();

function format(shape: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = speech.language === 'id' ? 'id-ID' : 'en-GB';
  const name = locale + JSON.stringify(shape);
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...shape });
    formats.set(name, made);
  }
  return made;
}

/** `14.52` */
export const clock = (at: string) => format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));

/** `Sen 23 Nov` */
export const day = (at: string) => {
  const date = new Date(at);
  const weekday = format({ weekday: 'long' }).format(date);
  return `${weekday} ${format({ day: 'numeric', month: 'short' }).format(date)}`;
};

/** `Senin 23 November 2026`, of a WIB day `2026-11-23` */
export const dayInFull = (day: string) => {
  const date = new Date(`${day}T05:00:00Z`);
  return `${format({ weekday: 'long' }).format(date)} ${format({ day: 'numeric', month: 'long', year: 'numeric' }).format(date)}`;
};

/** `Senin 23 Nov, 14.52 WIB` */
export const dayAndClock = (at: string) => `${day(at)}, ${clock(at)} WIB`;

/** `23 Nov 2026, 14.52` */
export const dated = (at: string) =>
  `${format({ day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at))}, ${clock(at)}`;

/** `14.52` today, `23 Nov` on any other day. */
export const clockOrDay = (at: string, now: number) =>
  wibDay(new Date(at)) === wibDay(new Date(now)) ? clock(at) : format({ day: 'numeric', month: 'short' }).format(new Date(at));

/** `14.52` today, `23 Nov, 14.52` on any other day. */
export const momentOf = (at: string, now: number) =>
  wibDay(new Date(at)) === wibDay(new Date(now)) ? clock(at) : `${clockOrDay(at, now)}, ${clock(at)}`;

/** `23 Nov 2026, 14.52.07`, for proofs. */
export const exactly = (at: string) =>
  `${format({ day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at))}, ${format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at))}`;

/** A time of day such as `21:00`, written as the language writes it. */
export const wallClock = (time: string) => (speech.language === 'id' ? time.replace(':', '.') : time.replace('.', ':'));

/** The WIB day as `2026-11-23`. */
export const wibDay = (date: Date) => new Date(date.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

/** `23-11-2026`, `23/11/2026` or `2026-11-23` as `2026-11-23`; null if there is no such day. */
export function typedDay(text: string): string | null {
  const parts = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(text.trim());
  const day = parts ? `${parts[3]}-${parts[2]!.padStart(2, '0')}-${parts[1]!.padStart(2, '0')}` : text.trim();
  const date = new Date(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) ? day : null;
}
