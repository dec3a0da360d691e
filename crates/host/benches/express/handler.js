// What an integrator would write instead of the relay: checks the signature, stores, answers.
// One commit for each notification, as durable as the relay's: WAL and synchronous=FULL.

import { createHash, timingSafeEqual } from 'node:crypto';
import Database from 'better-sqlite3';
import express from 'express';

const [file, serverKey] = process.argv.slice(2);

const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE IF NOT EXISTS notification (
    id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL
  )
`);
const store = db.prepare(
  'INSERT INTO notification (received_at, order_id, digest, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
);

const isGenuine = ({ order_id, status_code, gross_amount, signature_key }) => {
  const ours = createHash('sha512').update(`${order_id}${status_code}${gross_amount}${serverKey}`).digest();
  const theirs = Buffer.from(String(signature_key), 'hex');
  return theirs.length === ours.length && timingSafeEqual(theirs, ours);
};

const app = express();
app.disable('x-powered-by');
app.post('/n/:secret', express.json({ verify: (request, _, bytes) => (request.bytes = bytes) }), (request, response) => {
  if (!isGenuine(request.body)) return response.sendStatus(401);
  const digest = createHash('sha256').update(request.bytes).digest();
  store.run(Date.now(), request.body.order_id, digest, request.bytes);
  response.status(200).end();
});

const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `127.0.0.1:${server.address().port}` }));
});
