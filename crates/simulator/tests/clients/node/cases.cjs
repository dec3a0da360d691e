// Midtrans' official Node client against the simulator: nothing of it is changed but its base URL.
// The cases are those of its own suite that concern charges, look-ups and actions, for the stores;
// unlike there, an error that is expected and does not come fails.
'use strict';

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { CoreApi } = require('midtrans-client');
const ApiConfig = require('midtrans-client/lib/apiConfig');

const [url, key] = process.argv.slice(2);
ApiConfig.CORE_SANDBOX_BASE_URL = url;

const client = (serverKey = key) => new CoreApi({ isProduction: false, serverKey, clientKey: '' });
const run = `node-${Date.now()}`;
let number = 0;
const order = (store, amount = 44000) => ({
  payment_type: 'cstore',
  transaction_details: { order_id: `${run}-${++number}`, gross_amount: amount },
  cstore: { store },
});
const charged = async (store) => client().charge(order(store));

async function refused(promise, needle) {
  const error = await promise.then(
    (answer) => assert.fail(`expected an error, got ${JSON.stringify(answer)}`),
    (error) => error,
  );
  assert.ok(error.message.includes(needle), `${error.message} does not mention ${needle}`);
  return error;
}

const cases = {
  async 'charge Indomaret with a capital'() {
    const answer = await charged('Indomaret');
    assert.equal(answer.status_code, '201');
    assert.equal(answer.status_message, 'Success, cstore transaction is successful');
    assert.equal(answer.transaction_status, 'pending');
    assert.equal(answer.store, 'indomaret');
    assert.ok(answer.payment_code);
  },
  async 'charge Alfamart with three free texts'() {
    const request = order('alfamart');
    Object.assign(request.cstore, {
      message: 'Tiket1 transaction',
      alfamart_free_text_1: '1st row of receipt,',
      alfamart_free_text_2: 'This is the 2nd row,',
      alfamart_free_text_3: '3rd row. The end.',
    });
    const answer = await client().charge(request);
    assert.equal(answer.status_code, '201');
    assert.equal(answer.store, 'alfamart');
  },
  async 'status of a pending transaction, signed'() {
    const { order_id } = await charged('alfamart');
    const answer = await client().transaction.status(order_id);
    assert.equal(answer.status_code, '201');
    assert.equal(answer.transaction_status, 'pending');
    const text = order_id + answer.status_code + answer.gross_amount + key;
    assert.equal(answer.signature_key, createHash('sha512').update(text).digest('hex'));
  },
  async 'notification from object, from JSON, from nothing'() {
    const pending = await client().transaction.status((await charged('alfamart')).order_id);
    for (const notification of [pending, JSON.stringify(pending)]) {
      const answer = await client().transaction.notification(notification);
      assert.equal(answer.status_code, '201');
      assert.equal(answer.transaction_status, 'pending');
    }
    await refused(client().transaction.notification(''), 'fail to parse');
  },
  async 'expire is no error'() {
    const { order_id } = await charged('indomaret');
    const answer = await client().transaction.expire(order_id);
    assert.equal(answer.status_code, '407');
    assert.equal(answer.transaction_status, 'expire');
    assert.equal((await client().transaction.status(order_id)).status_code, '407');
  },
  async 'cancel, and status after it'() {
    const { order_id } = await charged('indomaret');
    const answer = await client().transaction.cancel(order_id);
    assert.equal(answer.status_code, '200');
    assert.equal(answer.transaction_status, 'cancel');
    assert.equal((await client().transaction.status(order_id)).transaction_status, 'cancel');
    await refused(client().transaction.cancel(order_id), '412');
  },
  async 'approve, deny, refund and capture are refused'() {
    const { order_id, transaction_id } = await charged('alfamart');
    const refund = { amount: 5000, reason: 'for some reason' };
    await refused(client().transaction.approve(order_id), '412');
    await refused(client().transaction.deny(order_id), '412');
    await refused(client().transaction.refund(order_id, refund), '412');
    await refused(client().transaction.refundDirect(order_id, refund), '412');
    await refused(client().capture({ transaction_id, gross_amount: 44000 }), '412');
  },
  async 'an unknown id is 404 for everything'() {
    const { transaction } = client();
    for (const action of ['status', 'statusb2b', 'approve', 'deny', 'cancel', 'expire', 'refund', 'refundDirect']) {
      const error = await refused(transaction[action]('non-exists-transaction'), '404');
      assert.equal(error.httpStatusCode, '404', 'the body says so, under HTTP 200');
    }
  },
  async 'no key and a wrong key are 401'() {
    await refused(client(null).charge(order('alfamart')), '401');
    await refused(client('invalidkey').charge(order('alfamart')), '401');
    const changed = client('');
    changed.apiConfig.set({ serverKey: key });
    await refused(changed.transaction.status('nobody'), '404');
  },
  async 'an empty charge is an error'() {
    await refused(client().charge(), '400');
    await refused(client().charge(null), '500');
  },
  async 'a zero amount is HTTP 400 with validation messages'() {
    const error = await refused(client().charge(order('alfamart', 0)), '400');
    assert.equal(error.httpStatusCode, 400, 'a number: only the HTTP status supplies one');
    assert.ok(Array.isArray(error.ApiResponse.validation_messages));
    assert.ok(error.rawHttpClientData.data);
  },
  async 'a second charge for the same order is 406'() {
    const request = order('indomaret');
    await client().charge(request);
    await refused(client().charge(request), '406');
  },
};

(async () => {
  for (const [name, check] of Object.entries(cases)) {
    try {
      await check();
      console.log(`ok      ${name}`);
    } catch (error) {
      console.log(`FAILED  ${name}\n${error.stack}`);
      process.exitCode = 1;
    }
  }
})();
