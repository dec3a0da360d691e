-- A ledger as the first schema had it, written by that Gerai: every kind of event, every refusal,
-- notifications taken up, waiting, orphaned and set aside. It is never changed.
BEGIN TRANSACTION;
CREATE TABLE attempts (
        order_id  TEXT PRIMARY KEY,
        sale      TEXT NOT NULL REFERENCES sales (id) DEFERRABLE INITIALLY DEFERRED,
        live      INTEGER NOT NULL,
        watched   INTEGER NOT NULL,
        closed_at INTEGER
    ) STRICT;
INSERT INTO "attempts" VALUES('6SWW-000000000000000001Y','000000000001',1,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000002X','000000000002',1,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000003W','000000000003',0,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000004V','000000000004',1,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000005T','000000000005',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-000000000000000006S','000000000006',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-000000000000000007R','000000000007',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-000000000000000008Q','000000000008',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-000000000000000009P','000000000009',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000AN','00000000000a',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000BM','00000000000b',0,2,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000CL','00000000000c',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000DK','00000000000d',0,2,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000EJ','00000000000e',0,0,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000FH','00000000000f',1,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000GG','00000000000g',1,2,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000HF','00000000000h',1,2,NULL);
CREATE TABLE inbox (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        seal        TEXT NOT NULL,
        order_id    TEXT NOT NULL,
        body        BLOB NOT NULL
    ) STRICT;
INSERT INTO "inbox" VALUES(1,1800000600000,X'52DB6299B4D2977925B4C321296C6DF20A19854293CDB5397ED16140A60B2A3C',2,'genuine','6SWW-000000000000000002X',X'7B22736574746C6564223A327D');
INSERT INTO "inbox" VALUES(2,1800000602000,X'AA57DC590DE1E01AC510E3A4C940BB988455C2F1558470A2F72E74C681C2DF99',1,'genuine','6SWW-000000000000000033P',X'7B226E6F626F6479223A39397D');
INSERT INTO "inbox" VALUES(3,1800000603000,X'455B0B2B2C13FDCEDBC9F0ADC3648C9E746AA449100AFA09AB85AFBF47603CDA',1,'unverified','6SWW-000000000000000004V',X'7B2277616974696E67223A347D');
CREATE TABLE kept (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "kept" VALUES('binding','loopback');
INSERT INTO "kept" VALUES('draft','["00000000000j",{"amount":"","store":"alfamart","items":[{"name":"Kopi","price":"15000","quantity":"2"},{"name":"Diskon","price":"-1000","quantity":""}],"customer":"Pak Budi","phone":"081234567890","email":"ani@example.com","note":"titip di \"Pos 2\"; jangan ditumpuk","expiry":"closing"}]');
INSERT INTO "kept" VALUES('environment','training');
INSERT INTO "kept" VALUES('settings','{"shop_name":"Warung Bu Sri","merchant_name":"","closes_at":"21:00","alfamart_barcode":false,"hold_goods":false,"relay_inside":false,"relay_port":8787}');
INSERT INTO "kept" VALUES('till','6SWW');
INSERT INTO "kept" VALUES('today','closed');
CREATE TABLE log (
        seq     INTEGER PRIMARY KEY AUTOINCREMENT,
        at      INTEGER NOT NULL,
        sale    TEXT NOT NULL,
        attempt TEXT,
        "from"  TEXT NOT NULL,
        event   TEXT NOT NULL
    ) STRICT;
INSERT INTO "log" VALUES(1,1800000001000,'000000000001',NULL,'"cashier"','{"kind":"ordered","number":"22223","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(2,1800000001000,'000000000001','6SWW-000000000000000001Y','"cashier"','{"kind":"intended","request":"{\"order\":1}"}');
INSERT INTO "log" VALUES(3,1800000002000,'000000000002',NULL,'"cashier"','{"kind":"ordered","number":"22224","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(4,1800000002000,'000000000002','6SWW-000000000000000002X','"cashier"','{"kind":"intended","request":"{\"order\":2}"}');
INSERT INTO "log" VALUES(5,1800001000000,'000000000002','6SWW-000000000000000002X','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(6,1800000003000,'000000000003',NULL,'"cashier"','{"kind":"ordered","number":"22225","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(7,1800000003000,'000000000003','6SWW-000000000000000003W','"cashier"','{"kind":"intended","request":"{\"order\":3}"}');
INSERT INTO "log" VALUES(8,1800001000000,'000000000003','6SWW-000000000000000003W','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(9,1800001000000,'000000000003','6SWW-000000000000000003W','"desk"','{"kind":"hinted","report":"settlement","fits":true}');
INSERT INTO "log" VALUES(10,1800001000000,'000000000003','6SWW-000000000000000003W','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(11,1800001000000,'000000000003','6SWW-000000000000000003W','"desk"','{"kind":"handed_over","by":"Sari"}');
INSERT INTO "log" VALUES(12,1800000004000,'000000000004',NULL,'"cashier"','{"kind":"ordered","number":"22226","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(13,1800000004000,'000000000004','6SWW-000000000000000004V','"cashier"','{"kind":"intended","request":"{\"order\":4}"}');
INSERT INTO "log" VALUES(14,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"not_reached"}');
INSERT INTO "log" VALUES(15,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"timed_out"}');
INSERT INTO "log" VALUES(16,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"cut"}');
INSERT INTO "log" VALUES(17,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"nonsense"}');
INSERT INTO "log" VALUES(18,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"duplicate"}');
INSERT INTO "log" VALUES(19,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"unclear","why":"interrupted"}');
INSERT INTO "log" VALUES(20,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(21,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"sent_again"}');
INSERT INTO "log" VALUES(22,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"try_later"}');
INSERT INTO "log" VALUES(23,1800001000000,'000000000004','6SWW-000000000000000004V','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(24,1800000005000,'000000000005',NULL,'"cashier"','{"kind":"ordered","number":"22227","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(25,1800000005000,'000000000005','6SWW-000000000000000005T','"cashier"','{"kind":"intended","request":"{\"order\":5}"}');
INSERT INTO "log" VALUES(26,1800001000000,'000000000005','6SWW-000000000000000005T','"desk"','{"kind":"refused","reason":"key_refused","said":["gross_amount","x"]}');
INSERT INTO "log" VALUES(27,1800000006000,'000000000006',NULL,'"cashier"','{"kind":"ordered","number":"22228","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(28,1800000006000,'000000000006','6SWW-000000000000000006S','"cashier"','{"kind":"intended","request":"{\"order\":6}"}');
INSERT INTO "log" VALUES(29,1800001000000,'000000000006','6SWW-000000000000000006S','"desk"','{"kind":"refused","reason":"channel_not_active","said":["gross_amount","x"]}');
INSERT INTO "log" VALUES(30,1800000007000,'000000000007',NULL,'"cashier"','{"kind":"ordered","number":"22229","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(31,1800000007000,'000000000007','6SWW-000000000000000007R','"cashier"','{"kind":"intended","request":"{\"order\":7}"}');
INSERT INTO "log" VALUES(32,1800001000000,'000000000007','6SWW-000000000000000007R','"desk"','{"kind":"refused","reason":"invalid","said":["gross_amount","x"]}');
INSERT INTO "log" VALUES(33,1800000008000,'000000000008',NULL,'"cashier"','{"kind":"ordered","number":"2222B","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(34,1800000008000,'000000000008','6SWW-000000000000000008Q','"cashier"','{"kind":"intended","request":"{\"order\":8}"}');
INSERT INTO "log" VALUES(35,1800001000000,'000000000008','6SWW-000000000000000008Q','"desk"','{"kind":"refused","reason":"account_closed","said":["gross_amount","x"]}');
INSERT INTO "log" VALUES(36,1800000009000,'000000000009',NULL,'"cashier"','{"kind":"ordered","number":"2222C","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(37,1800000009000,'000000000009','6SWW-000000000000000009P','"cashier"','{"kind":"intended","request":"{\"order\":9}"}');
INSERT INTO "log" VALUES(38,1800001000000,'000000000009','6SWW-000000000000000009P','"desk"','{"kind":"refused","reason":"other","said":["gross_amount","x"]}');
INSERT INTO "log" VALUES(39,1800000010000,'00000000000a',NULL,'"cashier"','{"kind":"ordered","number":"2222D","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(40,1800000010000,'00000000000a','6SWW-00000000000000000AN','"cashier"','{"kind":"intended","request":"{\"order\":10}"}');
INSERT INTO "log" VALUES(41,1800001000000,'00000000000a','6SWW-00000000000000000AN','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(42,1800001000000,'00000000000a','6SWW-00000000000000000AN','"desk"','{"kind":"cancel_asked"}');
INSERT INTO "log" VALUES(43,1800001000000,'00000000000a','6SWW-00000000000000000AN','"desk"','{"kind":"reported","asked":"cancel","asked_after":9223372036854775807,"report":"cancel","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(44,1800000011000,'00000000000b',NULL,'"cashier"','{"kind":"ordered","number":"2222F","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(45,1800000011000,'00000000000b','6SWW-00000000000000000BM','"cashier"','{"kind":"intended","request":"{\"order\":11}"}');
INSERT INTO "log" VALUES(46,1800001000000,'00000000000b','6SWW-00000000000000000BM','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(47,1800001000000,'00000000000b','6SWW-00000000000000000BM','"desk"','{"kind":"expire_asked"}');
INSERT INTO "log" VALUES(48,1800001000000,'00000000000b','6SWW-00000000000000000BM','"desk"','{"kind":"cannot_change"}');
INSERT INTO "log" VALUES(49,1800001000000,'00000000000b','6SWW-00000000000000000BM','"desk"','{"kind":"reported","asked":"expire","asked_after":9223372036854775807,"report":"expire","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(50,1800001000000,'00000000000b','6SWW-00000000000000000BM','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(51,1800000012000,'00000000000c',NULL,'"cashier"','{"kind":"ordered","number":"2222G","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(52,1800000012000,'00000000000c','6SWW-00000000000000000CL','"cashier"','{"kind":"intended","request":"{\"order\":12}"}');
INSERT INTO "log" VALUES(53,1800001000000,'00000000000c','6SWW-00000000000000000CL','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(54,1800001000000,'00000000000c','6SWW-00000000000000000CL','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(55,1800001000000,'00000000000c','6SWW-00000000000000000CL','"desk"','{"kind":"hinted","report":"deny","fits":true}');
INSERT INTO "log" VALUES(56,1800001000000,'00000000000c','6SWW-00000000000000000CL','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"deny","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(57,1800000013000,'00000000000d',NULL,'"cashier"','{"kind":"ordered","number":"2222H","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(58,1800000013000,'00000000000d','6SWW-00000000000000000DK','"cashier"','{"kind":"intended","request":"{\"order\":13}"}');
INSERT INTO "log" VALUES(59,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"unclear","why":"timed_out"}');
INSERT INTO "log" VALUES(60,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(61,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(62,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(63,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"abandoned"}');
INSERT INTO "log" VALUES(64,1800001000000,'00000000000d','6SWW-00000000000000000DK','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(65,1800000014000,'00000000000e',NULL,'"cashier"','{"kind":"ordered","number":"2222J","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(66,1800000014000,'00000000000e','6SWW-00000000000000000EJ','"cashier"','{"kind":"intended","request":"{\"order\":14}"}');
INSERT INTO "log" VALUES(67,1800001000000,'00000000000e','6SWW-00000000000000000EJ','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"failure","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(68,1800000015000,'00000000000f',NULL,'"cashier"','{"kind":"ordered","number":"2222K","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(69,1800000015000,'00000000000f','6SWW-00000000000000000FH','"cashier"','{"kind":"intended","request":"{\"order\":15}"}');
INSERT INTO "log" VALUES(70,1800001000000,'00000000000f','6SWW-00000000000000000FH','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(71,1800001000000,'00000000000f','6SWW-00000000000000000FH','"desk"','{"kind":"hinted","report":"other","fits":false}');
INSERT INTO "log" VALUES(72,1800001000000,'00000000000f','6SWW-00000000000000000FH','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"other","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(73,1800000016000,'00000000000g',NULL,'"cashier"','{"kind":"ordered","number":"2222M","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(74,1800000016000,'00000000000g','6SWW-00000000000000000GG','"cashier"','{"kind":"intended","request":"{\"order\":16}"}');
INSERT INTO "log" VALUES(75,1800001000000,'00000000000g','6SWW-00000000000000000GG','"desk"','{"kind":"reported","asked":"charge","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(76,1800001000000,'00000000000g','6SWW-00000000000000000GG','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":45000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":1800000010000,"settled_at":1800000500000,"told_at":1800000501000}');
INSERT INTO "log" VALUES(77,1800000600000,'000000000002','6SWW-000000000000000002X','"relay"','{"kind":"hinted","report":"settlement","fits":true}');
INSERT INTO "log" VALUES(78,1800000017000,'00000000000h',NULL,'"geraictl"','{"kind":"ordered","number":"2222N","order":{"amount":29000,"store":"alfamart","items":[{"name":"Kopi","price":15000,"quantity":2},{"name":"Diskon","price":-1000,"quantity":1}],"customer":"Bu Ani","phone":"081234567890","email":"ani@example.com","note":"titip di \"Pos 2\"; jangan ditumpuk","expiry_minutes":90}}');
INSERT INTO "log" VALUES(79,1800000017000,'00000000000h','6SWW-00000000000000000HF','"geraictl"','{"kind":"intended","request":"{\"order\":17}"}');
CREATE TABLE quarantine (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        body        BLOB NOT NULL
    ) STRICT;
INSERT INTO "quarantine" VALUES(1,1800000604000,X'93E6EDEBAE4EE2DFE60465A77F0F67920D2C140078E172A7677E0F3EF867B5F5',2,X'6E6F74206F757273');
CREATE TABLE sales (
        id             TEXT PRIMARY KEY,
        number         TEXT NOT NULL UNIQUE,
        ordered_at     INTEGER NOT NULL,
        store          TEXT NOT NULL,
        amount         INTEGER NOT NULL,
        customer       TEXT,
        phone          TEXT,
        note           TEXT,
        state          TEXT NOT NULL,
        problem        TEXT,
        attention      INTEGER NOT NULL,
        order_id       TEXT,
        payment_code   TEXT,
        expires_at     INTEGER,
        paid_at        INTEGER,
        hold_until     INTEGER,
        confirmed_at   INTEGER,
        handed_over_at INTEGER,
        words          TEXT NOT NULL
    ) STRICT;
INSERT INTO "sales" VALUES('000000000001','22223',1800000001000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-000000000000000001Y',NULL,NULL,NULL,NULL,NULL,NULL,'22223
6sww-000000000000000001y
44000');
INSERT INTO "sales" VALUES('000000000002','22224',1800000002000,'indomaret',44000,NULL,NULL,NULL,'confirming',NULL,0,'6SWW-000000000000000002X','578112341234',1800086400000,NULL,NULL,NULL,NULL,'22224
6sww-000000000000000002x
578112341234
44000');
INSERT INTO "sales" VALUES('000000000003','22225',1800000003000,'indomaret',44000,NULL,NULL,NULL,'paid',NULL,0,'6SWW-000000000000000003W','578112341234',1800086400000,1800000500000,1800000800000,NULL,1800001000000,'22225
6sww-000000000000000003w
578112341234
44000');
INSERT INTO "sales" VALUES('000000000004','22226',1800000004000,'indomaret',44000,NULL,NULL,NULL,'pending',NULL,0,'6SWW-000000000000000004V','578112341234',1800086400000,NULL,NULL,NULL,NULL,'22226
6sww-000000000000000004v
578112341234
44000');
INSERT INTO "sales" VALUES('000000000005','22227',1800000005000,'indomaret',44000,NULL,NULL,NULL,'refused','key_refused',0,'6SWW-000000000000000005T',NULL,NULL,NULL,NULL,NULL,NULL,'22227
6sww-000000000000000005t
44000');
INSERT INTO "sales" VALUES('000000000006','22228',1800000006000,'indomaret',44000,NULL,NULL,NULL,'refused','channel_not_active',0,'6SWW-000000000000000006S',NULL,NULL,NULL,NULL,NULL,NULL,'22228
6sww-000000000000000006s
44000');
INSERT INTO "sales" VALUES('000000000007','22229',1800000007000,'indomaret',44000,NULL,NULL,NULL,'refused','invalid',0,'6SWW-000000000000000007R',NULL,NULL,NULL,NULL,NULL,NULL,'22229
6sww-000000000000000007r
44000');
INSERT INTO "sales" VALUES('000000000008','2222B',1800000008000,'indomaret',44000,NULL,NULL,NULL,'refused','account_closed',0,'6SWW-000000000000000008Q',NULL,NULL,NULL,NULL,NULL,NULL,'2222b
6sww-000000000000000008q
44000');
INSERT INTO "sales" VALUES('000000000009','2222C',1800000009000,'indomaret',44000,NULL,NULL,NULL,'refused','other',0,'6SWW-000000000000000009P',NULL,NULL,NULL,NULL,NULL,NULL,'2222c
6sww-000000000000000009p
44000');
INSERT INTO "sales" VALUES('00000000000a','2222D',1800000010000,'indomaret',44000,NULL,NULL,NULL,'cancelled',NULL,0,'6SWW-00000000000000000AN','578112341234',1800086400000,NULL,NULL,NULL,NULL,'2222d
6sww-00000000000000000an
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000b','2222F',1800000011000,'indomaret',44000,NULL,NULL,NULL,'paid_late','paid_after_closing',1,'6SWW-00000000000000000BM','578112341234',1800086400000,1800000500000,1800000800000,NULL,NULL,'2222f
6sww-00000000000000000bm
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000c','2222G',1800000012000,'indomaret',44000,NULL,NULL,NULL,'reversed','reversed',1,'6SWW-00000000000000000CL','578112341234',1800086400000,1800000500000,NULL,NULL,NULL,'2222g
6sww-00000000000000000cl
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000d','2222H',1800000013000,'indomaret',44000,NULL,NULL,NULL,'abandoned',NULL,1,'6SWW-00000000000000000DK','578112341234',1800086400000,NULL,NULL,NULL,NULL,'2222h
6sww-00000000000000000dk
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000e','2222J',1800000014000,'indomaret',44000,NULL,NULL,NULL,'denied',NULL,0,'6SWW-00000000000000000EJ','578112341234',1800086400000,NULL,NULL,NULL,NULL,'2222j
6sww-00000000000000000ej
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000f','2222K',1800000015000,'indomaret',44000,NULL,NULL,NULL,'pending',NULL,0,'6SWW-00000000000000000FH','578112341234',1800086400000,NULL,NULL,NULL,NULL,'2222k
6sww-00000000000000000fh
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000g','2222M',1800000016000,'indomaret',44000,NULL,NULL,NULL,'confirming','amount_differs',1,'6SWW-00000000000000000GG','578112341234',1800086400000,1800000500000,NULL,NULL,NULL,'2222m
6sww-00000000000000000gg
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000h','2222N',1800000017000,'alfamart',29000,'Bu Ani','081234567890','titip di "Pos 2"; jangan ditumpuk','intent',NULL,0,'6SWW-00000000000000000HF',NULL,NULL,NULL,NULL,NULL,NULL,'2222n
6sww-00000000000000000hf
bu ani
081234567890
titip di "pos 2"; jangan ditumpuk
29000');
CREATE INDEX log_of_sale ON log (sale, seq);
CREATE TRIGGER log_is_never_edited BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE INDEX sales_by_time ON sales (ordered_at);
CREATE INDEX sales_by_state ON sales (state, ordered_at);
CREATE INDEX sales_for_attention ON sales (ordered_at) WHERE attention;
CREATE INDEX attempts_of_sale ON attempts (sale);
CREATE UNIQUE INDEX one_live_attempt_per_sale ON attempts (sale) WHERE live;
CREATE INDEX attempts_watched ON attempts (watched) WHERE watched > 0;
CREATE INDEX inbox_of_order ON inbox (order_id);
CREATE INDEX inbox_unverified ON inbox (id) WHERE seal = 'unverified';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('log',79);
INSERT INTO "sqlite_sequence" VALUES('inbox',3);
INSERT INTO "sqlite_sequence" VALUES('quarantine',1);
COMMIT;
PRAGMA user_version = 1;
