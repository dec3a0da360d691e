// The one file that knows Tauri is there: one line per command, one per event.
// Every command may reject with a `Problem`; nothing else is ever thrown at a cashier.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type {
  Attention, Closing, CodeCard, Copies, Day, Deed, Draft, Environment, Evidence, FileForm, FoundPrinter, Freshness, KeyView, Language, Look, OrderPapers, OrderView, OtherQuery, Others,
  Page, PairingCode, Paper, PaperSettings, Preview, Problem, Query, RelayView, Remedy, Settings, Start, Store, TillView, Today, Unpaired,
} from './bindings/view';

export const start = () => invoke<Start>('start');
export const prefer = (language: Language, look: Look) => invoke<null>('prefer', { language, look });

/** Opens training, or a shop whose key is already in the keyring. */
export const enter = (environment: Environment) => invoke<Start>('enter', { environment });
/** Checks the key's form, asks Midtrans whether it is good, keeps it in the keyring and opens the shop. */
export const connect = (environment: Environment, key: string) => invoke<Start>('connect', { environment, key });
export const forgetKey = (environment: Environment) => invoke<null>('forget_key', { environment });
/** Sandbox and production; training needs no key. */
export const keys = () => invoke<KeyView[]>('keys');

export const saveDraft = (draft: Draft) => invoke<null>('save_draft', { draft });
/** Takes up to 30 s. A card that is still `intent` or `unknown` is not an error: Midtrans is being asked. */
export const charge = (draft: Draft) => invoke<CodeCard>('charge', { draft });
export const card = (id: string) => invoke<CodeCard>('card', { id });
export const today = () => invoke<Today>('today');
export const orders = (query: Query) => invoke<Page>('orders', { query });
/** Codes of other tills of the shop: to be seen, and no more. */
export const others = (query: OtherQuery) => invoke<Others>('others', { query });
export const order = (id: string) => invoke<OrderView>('order', { id });
export const check = (id: string) => invoke<CodeCard>('check', { id });
export const cancel = (id: string) => invoke<CodeCard>('cancel', { id });
/** Closes an open code first and makes the new one only once Midtrans has said that it is dead. */
export const reissue = (id: string, store: Store) => invoke<CodeCard>('reissue', { id, store });
export const handOver = (id: string, by: string) => invoke<OrderView>('hand_over', { id, by });

export const attention = () => invoke<Attention>('attention');
/** Somebody did something about what needed attention. No payment moves. */
export const seeTo = (id: string, remedy: Remedy, by: string) => invoke<Attention>('see_to', { id, remedy, by });

export const evidence = (id: string) => invoke<Evidence>('evidence', { id });
/** Writes the evidence into the folder for downloads, opens it there if it is to be printed, and says where. */
export const saveEvidence = (id: string, open: boolean) => invoke<string>('save_evidence', { id, open });

export const freshness = () => invoke<Freshness>('freshness');
export const settings = () => invoke<Settings>('settings');
export const saveSettings = (settings: Settings) => invoke<Settings>('save_settings', { settings });
export const paperSettings = () => invoke<PaperSettings>('paper_settings');
export const savePaperSettings = (settings: PaperSettings) => invoke<PaperSettings>('save_paper_settings', { settings });
/** Makes the shop's logo of a picture in Base64; null takes it away. */
export const setLogo = (picture: string | null) => invoke<PaperSettings>('set_logo', { picture });
/** Every printer this PC knows of. */
export const findPrinters = () => invoke<FoundPrinter[]>('find_printers');
/** Prints a test page and waits for what becomes of it. */
export const testPrinter = (name: string) => invoke<Paper>('test_printer', { name });
/** Queues the slip of an order, or its receipt once it is paid. */
export const print = (id: string, printer: string | null = null) => invoke<Paper>('print', { id, printer });
/** What was printed of an order, and what would be printed now. */
export const orderPapers = (id: string) => invoke<OrderPapers>('order_papers', { id });
/** The paper that would be printed now, as it looks. */
export const preview = (id: string) => invoke<Preview>('preview', { id });
/** Writes it into the folder for downloads and says where. */
export const savePaper = (id: string, form: FileForm) => invoke<string>('save_paper', { id, form });
/** Opens WhatsApp with the text of it, to be sent by hand. */
export const openWhatsapp = (id: string) => invoke<null>('open_whatsapp', { id });
/** Somebody has looked at the printer. */
export const settlePaper = (paper: number, cameOut: boolean) => invoke<Paper>('settle_paper', { paper, cameOut });
export const relay = () => invoke<RelayView>('relay');
export const switchRelay = (on: boolean, port: number) => invoke<RelayView>('switch_relay', { on, port });
/** Connects this till with a relay that somebody hosts. The code is good once. */
export const pairRelay = (address: string, code: string, name: string) => invoke<RelayView>('pair_relay', { address, code, name });
export const unpairRelay = () => invoke<Unpaired>('unpair_relay');
/** What pairs a further till of the shop, once. */
export const pairingCode = () => invoke<PairingCode>('pairing_code');
export const pairedTills = () => invoke<TillView[]>('paired_tills');
/** Takes the feed away from a till that was lost; answers those that are left. */
export const revokeTill = (id: string) => invoke<TillView[]>('revoke_till', { id });
/** Today as it stands, or as it was closed. */
export const day = () => invoke<Day>('day');
/** Asks Midtrans about every open order and every payment of the day once more and writes the report, for good. */
export const closeDay = (by: string) => invoke<Day>('close_day', { by });
/** Every closing, newest first. */
export const closings = () => invoke<Closing[]>('closings');
export const closedDay = (number: number) => invoke<Day>('closed_day', { number });
/** Queues the report of a closed day. */
export const printReport = (number: number) => invoke<Paper>('print_report', { number });
/** Writes it as a PDF into the folder for downloads, opens it there if it is to be printed, and says where. */
export const saveReport = (number: number, open: boolean) => invoke<string>('save_report', { number, open });
export const copies = () => invoke<Copies>('copies');
export const makeCopy = () => invoke<Copies>('make_copy');
/** The book as it is now is set aside, this copy takes its place, and Midtrans is asked what came after it. */
export const restoreCopy = (name: string) => invoke<Start>('restore_copy', { name });
/** Training only: what the customer or the store's till would do. */
export const practise = (id: string, deed: Deed) => invoke<null>('practise', { id, deed });

/** Something in the ledger changed: read the lists and the open card again. */
export const onChanged = (tell: () => void) => listen('changed', tell);

/** Whatever was thrown, as something that can be said. */
export function problemFrom(thrown: unknown): Problem {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown) return thrown as Problem;
  return { code: 'internal', field: null, values: { detail: String(thrown) } };
}

/** A file as it goes to Rust. */
export const inBase64 = (file: Blob) =>
  new Promise<string>((read, failed) => {
    const reader = new FileReader();
    reader.onload = () => read(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
