// The other half of a promise: Rust answers these questions with these answers (tests/commands.rs replays the same
// files through the real commands), and here each answer fills its screen.
import { screen, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { openShop } from './shop';

type Exchange = { command: string; ask: Record<string, unknown>; answer: unknown };

const found = import.meta.glob<Exchange>('../../tests/contract/*.json', { import: 'default', eager: true });
const files = new Map(Object.entries(found).map(([path, exchange]) => [/([^/]+)\.json$/.exec(path)![1]!, exchange]));
const answerIn = (file: string) => files.get(file)?.answer;

const amount = () => screen.findByRole('textbox', { name: 'Jumlah' });
const charge = async (user: UserEvent) => user.type(await amount(), '162500{Enter}');
const openFirst = async (user: UserEvent) => user.click(within(await screen.findByRole('listbox')).getAllByRole('option')[0]!);

/** What the cashier does to see the answer, and what is then on the screen. */
const shown: Record<string, { does?: (user: UserEvent) => Promise<unknown>; sees: () => Promise<unknown>; with?: Record<string, unknown> }> = {
  start: { sees: async () => expect(await amount()).toHaveValue('99.000') },
  'start-first-time': { sees: () => screen.findByRole('button', { name: 'Mulai latihan' }) },
  charge: { does: charge, sees: () => screen.findByText('8127') },
  'charge-unclear': { does: charge, sees: () => screen.findByText('Memeriksa ke Midtrans…') },
  card: { with: { today: answerIn('today') }, does: openFirst, sees: () => screen.findByRole('button', { name: 'Serahkan' }) },
  today: { sees: () => screen.findByRole('option', { name: /Pak Dedi.*Indomaret · H2MA.*Rp.310\.000/ }) },
  orders: { does: (user) => user.keyboard('{Alt>}2{/Alt}'), sees: () => screen.findByText(/^3 pesanan · Rp.429\.000$/) },
  others: {
    does: async (user) => {
      await user.keyboard('{Alt>}2{/Alt}');
      await user.click(await screen.findByRole('radio', { name: 'Kasir lain' }));
    },
    sees: () => screen.findByRole('option', { name: /Kasir M8TZ.*Rp.71\.000/ }),
  },
  order: {
    with: { orders: answerIn('orders') },
    does: async (user) => {
      await user.keyboard('{Alt>}2{/Alt}');
      await openFirst(user);
    },
    sees: () => screen.findByText('Barang diserahkan oleh Sari'),
  },
  attention: { does: (user) => user.keyboard('{Alt>}3{/Alt}'), sees: () => screen.findByRole('article', { name: /Uang masuk setelah kodenya ditutup/ }) },
  evidence: {
    with: { orders: answerIn('orders'), order: answerIn('order') },
    does: async (user) => {
      await user.keyboard('{Alt>}2{/Alt}');
      await openFirst(user);
      await screen.findByText('Barang diserahkan oleh Sari');
      await user.keyboard('e');
    },
    sees: () => screen.findByText(/^Utuh: 6 catatan pesanan ini/),
  },
  freshness: { sees: () => screen.findByText(/Terhubung · penerima notifikasi aktif/) },
  settings: { does: (user) => user.keyboard('{Alt>}5{/Alt}'), sees: () => screen.findByDisplayValue('RATNA JAYA') },
  relay: { does: (user) => user.keyboard('{Alt>}5{/Alt}'), sees: () => screen.findByText('http://127.0.0.1:8642/notifications') },
  keys: { does: (user) => user.keyboard('{Alt>}5{/Alt}'), sees: () => screen.findByRole('button', { name: 'Lupakan kunci Sandbox' }) },
};

describe('the contract with Rust', () => {
  it.each([...files])('%s fills its screen', async (file, { command, ask, answer }) => {
    const screenful = shown[file];
    expect(screenful, `say in this test what ${file} shows`).toBeDefined();
    const { user, asked } = openShop({ ...screenful!.with, [command]: answer });
    await screen.findByRole('main');
    await screenful!.does?.(user);
    await screenful!.sees();
    // The window asks with the very names that Rust expects.
    expect(Object.keys(asked(command)[0]!).sort()).toEqual(Object.keys(ask).sort());
  });
});
