import type { ListName } from './bindings/view';

export type Range = 'any' | 'today' | 'yesterday' | 'week' | 'month' | 'pick';

/** The lists of this till's orders, and what its sisters have charged. */
export type Shelf = ListName | 'others';

/** What a list of orders was showing, so that coming back from an order finds it as it was left. */
class Browse {
  list = $state<Shelf>('all');
  search = $state('');
  range = $state<Range>('any');
  from = $state('');
  to = $state('');
  /** The row that was open last. */
  place = $state(0);
  /** An order was opened from here; the next look returns to its row. */
  away = false;

  /** Another shop has other orders. */
  reset() {
    Object.assign(this, { list: 'all', search: '', range: 'any', from: '', to: '', place: 0, away: false });
  }
}

export const allOrders = new Browse();
