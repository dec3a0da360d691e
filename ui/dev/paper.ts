// Printers and what is printed, made up: nothing comes out anywhere.
import type { FoundPrinter, Logo, Paper, PaperSettings, Printing } from '../src/bindings/view';

const printing = (by_itself: boolean): Printing => ({ by_itself, copies: 1, printer: '' });

/** Two rings, as a shop might have them. */
function rings(): Logo {
  const [width, height] = [384, 120];
  const rows = new Uint8Array((width / 8) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const far = Math.min(Math.hypot(x - 150, y - 60), Math.hypot(x - 234, y - 60));
      if (far > 44 && far < 58) rows[(y * width + x) >> 3]! |= 0x80 >> (x & 7);
    }
  }
  return { width, dots: btoa(String.fromCharCode(...rows)) };
}

export function paperOf(empty: boolean) {
  let set: PaperSettings = {
    printers: empty ? [] : [
      { name: 'Kasir', at: 'network:192.168.1.50:9100', dots: 576, narrow: false, pc858: false, cuts: null, drawer: false },
      { name: 'Gudang', at: 'cups:EPSON_TM-T82', dots: 384, narrow: false, pc858: false, cuts: null, drawer: false },
    ],
    slip: printing(true), receipt: printing(false), report: printing(false), margin_minutes: 30, logo: empty ? null : rings(),
    lines: empty ? [] : ['Jl. Kaliurang KM 5 No. 12, Sleman', 'Buka setiap hari 08.00-21.00'], english: false, code_128: false,
  };
  const paper = (kind: Paper['kind'], printer: string): Paper => ({ id: 7, kind, printer, state: 'confirmed', copy: 0, queued_at: new Date().toISOString(), problem: null, came_out: null });
  return {
    settings: () => set,
    save: (settings: PaperSettings) => (set = settings),
    setLogo: (picture: string | null) => (set = { ...set, logo: picture === null ? null : rings() }),
    found: (): FoundPrinter[] => [{ at: 'cups:EPSON_TM-T82', called: 'EPSON TM-T82' }, { at: 'device:/dev/usb/lp0', called: '' }],
    test: (name: string) => paper('test', name),
    report: () => paper('report', 'Kasir'),
  };
}
