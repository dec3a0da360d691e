import { desk } from './desk.svelte';
import { asking } from './keys';
import { sale } from './sale.svelte';
import { orderIn } from './scan';
import { problemText, t } from './texts.svelte';
import * as till from './till';

/** Opens the order whose QR was scanned or typed, or says why not. */
export async function openScanned(text: string) {
  const id = orderIn(text);
  if (asking()) return desk.tell(t('scan.asked'));
  if (!id) return desk.tell(t('scan.torn'));
  try {
    const card = await till.card(id);
    desk.notice = null;
    desk.go('cashier');
    sale.show(card);
  } catch (thrown) {
    const problem = till.problemFrom(thrown);
    const theirs = id.slice(0, 4);
    if (problem.code !== 'order_not_found') desk.tell(problemText(problem));
    else desk.tell(theirs === desk.shop?.till ? t('scan.unknown') : t('scan.other_till', { till: theirs }));
  }
}
