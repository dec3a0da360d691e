-- A ledger as the third schema had it, written and sealed by that Gerai: every act, every kind of
-- event, a closed day, and notifications of another till and of a web shop. It is never changed.
BEGIN TRANSACTION;
CREATE TABLE attempts (
        order_id    TEXT PRIMARY KEY,
        sale        TEXT NOT NULL REFERENCES sales (id) DEFERRABLE INITIALLY DEFERRED,
        live        INTEGER NOT NULL,
        watched     INTEGER NOT NULL,
        swept_since INTEGER,
        heard_at    INTEGER,
        found_at    INTEGER
    ) STRICT;
INSERT INTO "attempts" VALUES('6SWW-000000000000000001Y','000000000001',0,1,1800002000000,1800005000000,NULL);
INSERT INTO "attempts" VALUES('6SWW-0000000000000009RHZ','000000000001',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000MC','00000000000m',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000NB','00000000000n',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000PA','00000000000p',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000QZ','00000000000q',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000RY','00000000000r',0,0,NULL,NULL,1800001000000);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000SX','00000000000s',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000TW','00000000000t',0,0,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000VV','00000000000v',1,2,NULL,1800001000000,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000WT','00000000000w',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000XS','00000000000x',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000YR','00000000000y',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-00000000000000000ZQ','00000000000z',0,0,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000010X','000000000010',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000011W','000000000011',1,2,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES('6SWW-000000000000000018N','000000000018',0,0,NULL,NULL,1800001000000);
CREATE TABLE chain (
        seq INTEGER PRIMARY KEY,
        mac BLOB NOT NULL
    ) STRICT;
INSERT INTO "chain" VALUES(1,X'1D089524122EB4907DE751A7AD7DF3A4F15ECF3809B06A2749A1B5EC6B052121');
INSERT INTO "chain" VALUES(2,X'43D84C212135F5E4171AD6CB578F15D90D0762F57CD1812F513EDE11B02538BC');
INSERT INTO "chain" VALUES(3,X'C1373CA7F354E10AD799500A8447534989EB0E8949780FDA6C507F6CACDFEB25');
INSERT INTO "chain" VALUES(4,X'4F1DD801DBD9B5842BD9F8B3C230DC85242DA95C9C490B5039579B827DC1A855');
INSERT INTO "chain" VALUES(5,X'771FDDFA0F85E39118F4E3DCCDAFCE050B1EA7689B453A14C94A73F417A43414');
INSERT INTO "chain" VALUES(6,X'8E71D3E9B3A55DFBF072F2EDCF3D0CA31681C26C0546A82595A2F2FB9F87F6C5');
INSERT INTO "chain" VALUES(7,X'32FE37F8F99E4FED184D9BA30EF9D7D72409CF337C1BB0073CB15025C46E201A');
INSERT INTO "chain" VALUES(8,X'13F79E66F8BBF81571E388E81B350DA25D1D67A2C8B41EB6E9740B4E6F317A14');
INSERT INTO "chain" VALUES(9,X'166F2C8C8B09E37FA3E95D8EEE5A16EF27CB9BC324122D6EBE643AA8836B3632');
INSERT INTO "chain" VALUES(10,X'AF359AD4F4D27EF1D058EE64B6A39FE7ABF966643D7517B96F98AD0AF2C2B08D');
INSERT INTO "chain" VALUES(11,X'E7C036DBC6080935CB98C99EFBFE200F0F424853DB370591C185D1FE97139EC7');
INSERT INTO "chain" VALUES(12,X'FF4237471A2074728DF163A3562A4626E6D3622AFE81098AB8B32E10C55961C6');
INSERT INTO "chain" VALUES(13,X'232320BB75DCA3B30174CBBD278379917B6439E7C5143CB33658B9258E3DADF1');
INSERT INTO "chain" VALUES(14,X'C7C7F03C405EC9D0FF9B2041524C81B22167910F366F0F299DCBE313F34F9D5E');
INSERT INTO "chain" VALUES(15,X'178F4376E27A158DC1724894A3F705B574AC1B167AA3A556DC64370E499E0F90');
INSERT INTO "chain" VALUES(16,X'6881F1081728D3AEE20EFE78DE8DDB81B0ED6168B6B34836C022D9D87220CFB5');
INSERT INTO "chain" VALUES(17,X'CC24E74F6FDCF600AC1F65D46842B2E2338094D53C4E8A08CE006512EFBBCEBE');
INSERT INTO "chain" VALUES(18,X'BA7DBBA7B62E3A11E0A1CD1EEF6DDA365297B91712CA5C11EF33B6799F39A9F4');
INSERT INTO "chain" VALUES(19,X'76E694BF247E9C1FE10097158F06460AC98D7B7244CDF3BC2C9E0EB04BCDC699');
INSERT INTO "chain" VALUES(20,X'899868F1728F9FD965521D95CCD58D5819703F15184FCE84D67303117536BBF1');
INSERT INTO "chain" VALUES(21,X'5257B5C61679B7870D9CDD6C5399EEEC67D362445C306977BBDD0791D21ABA90');
INSERT INTO "chain" VALUES(22,X'4F3C4C84A39B667404334671EF2F67D6DFC450B442BE508A5CA975917C9AED34');
INSERT INTO "chain" VALUES(23,X'DF562A27CE50B020F38EA997894A2553E24DC8972FF9F5BE82EBA29598793DAC');
INSERT INTO "chain" VALUES(24,X'FF339A5C7501737634313A9AD2AA6DAD8FA1357B8B9D131214B15778210531BC');
INSERT INTO "chain" VALUES(25,X'C76365DE21324EB2063DCF2A60CC250F08F472F7794B1AFE7F77A7A9D4D6A07C');
INSERT INTO "chain" VALUES(26,X'41AFD577B63D551932E93E07BBA488C0D8E80B49FF8E506D5F51349EC8701F95');
INSERT INTO "chain" VALUES(27,X'23FF2E5F9BF281AE584B8CB3C796A9FEFD9F145006C8B5DD54963B76C874966D');
INSERT INTO "chain" VALUES(28,X'D7E26CB1D69F16D33CAB9B717049AA09DF9CD87D5CDF4630318E8484A8562A16');
INSERT INTO "chain" VALUES(29,X'B9938C392B57C9AB714953ADD0FAF752D84FE7124D4397E032CC0752E3F190F2');
INSERT INTO "chain" VALUES(30,X'8B1E2282712BA8469B5C7E8D39B446F84C6AC4F57A5B70ED69E050E16BB7E420');
INSERT INTO "chain" VALUES(31,X'68B8A7C2C58144E66615D5C866861486985929BBCC1B19482C511CEF1AF65AFF');
INSERT INTO "chain" VALUES(32,X'26BD3E7742450C8AC379030EACBFC579060F161ACDBFB0CF8E4F525EC6E922B3');
INSERT INTO "chain" VALUES(33,X'3031E4120F965A03F22CEDD83AF76D983D31C59AF0168297669AADC194D665A6');
INSERT INTO "chain" VALUES(34,X'A73E80EF01DDE5BB77AE617E2AB267503418D9C04F7B01B206D114D4540DCD88');
INSERT INTO "chain" VALUES(35,X'88060CFE975B134477C10100CD9F682A699AB541B1CB368FEE5B3F009EC9BE9F');
INSERT INTO "chain" VALUES(36,X'B0DF8980430F22FF5343F094FD30B0F7567688ACE34DE0DBAF178348605A532D');
INSERT INTO "chain" VALUES(37,X'57B0E9580007603E50258D8CB7AC29C948282D33366D537293568BD0FFCD5E8D');
INSERT INTO "chain" VALUES(38,X'CB359A2A423AEAD99EB6F4074BA24ABC55D3D6BC5F89EBBB86E34800721278CF');
INSERT INTO "chain" VALUES(39,X'119C9455EFC09263DE487B45236A4346615D0F0CB6604A7806229AD4F504DE36');
INSERT INTO "chain" VALUES(40,X'3C6FF7907378518CBC6166B1AA378FF03300DC6085B25FCD6D531952F3C267D8');
INSERT INTO "chain" VALUES(41,X'A30F3D305F0EE20F1DF945B47FEB307205A35D7631DEF2DD00708CA5458D27F2');
INSERT INTO "chain" VALUES(42,X'4425A2797F04EE09508BDBE6C5F7993A7A631DCA4416E6E2DFDE2BCDB5CF5B7A');
INSERT INTO "chain" VALUES(43,X'186F5154F2CC7624D8674FE40E638AD2066E7CE8946BF331B5B78724D2B529DA');
INSERT INTO "chain" VALUES(44,X'2A78EA515AFE658D3FEF0CF88A2E772273CF6F9EF9A5CD59FF0C4CD515483EB5');
INSERT INTO "chain" VALUES(45,X'B0560F6DD772FADEA57BA0DBD2686AB20AA519564C0CA8814D9A09AC54A6E113');
INSERT INTO "chain" VALUES(46,X'9699E3A7C028684FD7AE611E358DBB2BA30D932C7F50643BF8389B05945E0E50');
INSERT INTO "chain" VALUES(47,X'4273AE73CF6147022A135BDADB8EBB088A5C44E0103FA2389923B5E071F19D95');
INSERT INTO "chain" VALUES(48,X'DE5EFA1ACDF19062A1EA222012095ED398338E3ECC1128592414CD41FCA5EB87');
INSERT INTO "chain" VALUES(49,X'DB24607EF567C469B8E01041DBCAD6798FB63834C43EB178E5D3DA72A9EC6C29');
INSERT INTO "chain" VALUES(50,X'A675FAED6C0D68C7ED039596B88B7BCE4708BA3FB21DC71D2502A24FB49C9E56');
INSERT INTO "chain" VALUES(51,X'4F6B8BA60BF49986834045BD96B0987BA45BF8F1F4FD9C1EC121EA5BE711970F');
INSERT INTO "chain" VALUES(52,X'A57986A9E3DEAA3CA69DF9FA0403B6A02AECA07D7BCF577E98266CC7AB9E0C49');
INSERT INTO "chain" VALUES(53,X'5C06CB76A011DD20E9716B5DA6F3372BBC373E48A64357465D110F903270E726');
INSERT INTO "chain" VALUES(54,X'C2C060864D6BC80C0EB5B3C77FB07ED326B505B8939681065BE16D3D051370DB');
INSERT INTO "chain" VALUES(55,X'B2C8C4BE726ABC2DC22892B109E3B801F9770F910C1CE88C2834DB4EEA55B70F');
INSERT INTO "chain" VALUES(56,X'753603518EB57F3227E9E69C968C22586F73C4B0B50F83CD84A20AC0962B92B9');
INSERT INTO "chain" VALUES(57,X'D88B8F22097DBCD4D11940F6ACC34F72DA979D717B4CE750AE860CBCED320408');
CREATE TABLE chain_parts (
        id     INTEGER PRIMARY KEY,
        after  INTEGER NOT NULL,
        found  INTEGER NOT NULL,
        before BLOB NOT NULL,
        mac    BLOB NOT NULL
    ) STRICT;
INSERT INTO "chain_parts" VALUES(1,0,0,X'',X'5361733C04FFB571AE98169871C5767A16C59B330F70EB2DA825C50BAC5EDBF2');
CREATE TABLE closed_payments (
        sale    TEXT PRIMARY KEY,
        closing INTEGER NOT NULL REFERENCES closings (number)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "closed_payments" VALUES('00000000000r',1);
INSERT INTO "closed_payments" VALUES('000000000018',1);
CREATE TABLE closings (
        number    INTEGER PRIMARY KEY,
        day       INTEGER NOT NULL UNIQUE,
        closed_at INTEGER NOT NULL,
        closed_by TEXT NOT NULL,
        report    TEXT NOT NULL
    ) STRICT;
INSERT INTO "closings" VALUES(1,1800000000000,1800009000000,'Sari','{"takings":[{"store":"alfamart","sum":{"count":0,"amount":0}},{"store":"indomaret","sum":{"count":2,"amount":88000}}],"late":{"count":0,"amount":0},"confirmed":2,"unconfirmed":[],"waiting":{"count":2,"amount":88000},"unclear":{"count":10,"amount":440000},"not_handed_over":{"count":2,"amount":88000},"attention":1,"looked_up":true,"seal":"whole"}');
CREATE TABLE exchanges (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL,
        asked    TEXT NOT NULL,
        sent_at  INTEGER NOT NULL,
        heard_at INTEGER NOT NULL,
        times    INTEGER NOT NULL,
        last_at  INTEGER NOT NULL,
        http     INTEGER,
        told_at  INTEGER,
        outcome  TEXT NOT NULL,
        length   INTEGER NOT NULL,
        body     BLOB,
        led_to   INTEGER
    ) STRICT;
INSERT INTO "exchanges" VALUES(1,'6SWW-000000000000000001Y','look_up',1800001400000,1800001500000,1,1800001500000,200,NULL,'strange',8,X'4E6F74466F756E64',5);
INSERT INTO "exchanges" VALUES(2,'6SWW-000000000000000001Y','look_up',1800001400000,1800001500000,1,1800001500000,200,NULL,'strange',309,X'5265706F72746564285265706F72746564207B2061736B65643A204C6F6F6B55702C2061736B65645F61667465723A20393232333337323033363835343737353830372C207265706F72743A204578706972652C20616D6F756E743A20536F6D65283434303030292C2073746F72653A20536F6D6528496E646F6D61726574292C207061796D656E745F636F64653A20536F6D65282235373831313233343132333422292C207472616E73616374696F6E5F69643A20536F6D652822396233393531613422292C20657870697265735F61743A20536F6D652854696D65283138303030383634303030303029292C206D6164655F61743A204E6F6E652C20736574746C65645F61743A20536F6D652854696D65283138303030303035303030303029292C20746F6C645F61743A204E6F6E65207D29',6);
CREATE TABLE inbox (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        seal        TEXT NOT NULL,
        order_id    TEXT NOT NULL,
        body        BLOB NOT NULL,
        entry       INTEGER
    ) STRICT;
INSERT INTO "inbox" VALUES(1,1800003000000,X'770DA3C513C3C3A2962FAC92477CFE32E3FDBF225456264429BA384A35AAA971',1,'genuine','6SWW-000000000000000009P',X'010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101',NULL);
INSERT INTO "inbox" VALUES(2,1800003000000,X'3A889B9960E280673D316E9E1CCFEA14BF04B79DEE51906E46CE8A8B278831DB',2,'genuine','6SWW-000000000000000001Y',X'0202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202',3);
INSERT INTO "inbox" VALUES(3,1800003000000,X'B629630A1E209C21C43C8BEDF57721FC48B3EA4EC0EA0B4E8B4891533B1A6512',1,'genuine','6SWW-000000000000000001Y',X'03030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303',4);
INSERT INTO "inbox" VALUES(5,1800003100000,X'57BA2E4B099C419C2EFF00E426774189D93E0D6D271BF68D4D14DFEF9B88B2E9',1,'genuine','NW5N-777777777777777777Q',X'6C6574746572206F6620616E6F746865722074696C6C2030',NULL);
INSERT INTO "inbox" VALUES(6,1800003101000,X'1DC53B1E506C6C7175A56BD5616744C6361B9EBAB2112A1B0EEDF38E5D48830A',1,'genuine','NW5N-777777777777777777Q',X'6C6574746572206F6620616E6F746865722074696C6C2031',NULL);
INSERT INTO "inbox" VALUES(7,1800003200000,X'055D63CF45E6A07A9B669745908170861F9F2B5D06A6E3271B617330D8B667B9',1,'genuine','INV-7',X'6C6574746572206F662061207765622073686F70',NULL);
CREATE TABLE kept (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "kept" VALUES('binding','loopback');
INSERT INTO "kept" VALUES('environment','training');
INSERT INTO "kept" VALUES('note 1','yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy');
INSERT INTO "kept" VALUES('settings','{"shop_name":"Warung 1","merchant_name":"","closes_at":"21:00","alfamart_barcode":false,"hold_goods":false,"relay_inside":false,"relay_port":8787}');
INSERT INTO "kept" VALUES('till','6SWW');
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
INSERT INTO "log" VALUES(3,1800003000000,'000000000001','6SWW-000000000000000001Y','"relay"','{"kind":"hinted","report":"pending","fits":true}');
INSERT INTO "log" VALUES(4,1800005000000,'000000000001','6SWW-000000000000000001Y','"relay"','{"kind":"hinted","report":"settlement","fits":true}');
INSERT INTO "log" VALUES(5,1800001500000,'000000000001','6SWW-000000000000000001Y','"midtrans"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(6,1800001500000,'000000000001','6SWW-000000000000000001Y','"midtrans"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"expire","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
INSERT INTO "log" VALUES(7,1800002000000,'000000000001','6SWW-0000000000000009RHZ','"cashier"','{"kind":"intended","request":"{\"again\":44000}","store":"alfamart"}');
INSERT INTO "log" VALUES(8,1800001000000,'000000000001','6SWW-0000000000000009RHZ','"desk"','{"kind":"sent_again"}');
INSERT INTO "log" VALUES(9,1800001000000,'000000000001','6SWW-0000000000000009RHZ','"desk"','{"kind":"unclear","why":"cut"}');
INSERT INTO "log" VALUES(10,1800001000000,'000000000001','6SWW-0000000000000009RHZ','"desk"','{"kind":"try_later"}');
INSERT INTO "log" VALUES(11,1800001000000,'000000000001','6SWW-0000000000000009RHZ','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
INSERT INTO "log" VALUES(12,1800000020000,'00000000000m',NULL,'"cashier"','{"kind":"ordered","number":"2222R","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(13,1800000020000,'00000000000m','6SWW-00000000000000000MC','"cashier"','{"kind":"intended","request":"{\"order\":20}"}');
INSERT INTO "log" VALUES(14,1800001000000,'00000000000m','6SWW-00000000000000000MC','"desk"','{"kind":"sent_again"}');
INSERT INTO "log" VALUES(15,1800000021000,'00000000000n',NULL,'"cashier"','{"kind":"ordered","number":"2222S","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(16,1800000021000,'00000000000n','6SWW-00000000000000000NB','"cashier"','{"kind":"intended","request":"{\"order\":21}"}');
INSERT INTO "log" VALUES(17,1800001000000,'00000000000n','6SWW-00000000000000000NB','"desk"','{"kind":"unclear","why":"cut"}');
INSERT INTO "log" VALUES(18,1800000022000,'00000000000p',NULL,'"cashier"','{"kind":"ordered","number":"2222T","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(19,1800000022000,'00000000000p','6SWW-00000000000000000PA','"cashier"','{"kind":"intended","request":"{\"order\":22}"}');
INSERT INTO "log" VALUES(20,1800001000000,'00000000000p','6SWW-00000000000000000PA','"desk"','{"kind":"try_later"}');
INSERT INTO "log" VALUES(21,1800000023000,'00000000000q',NULL,'"cashier"','{"kind":"ordered","number":"2222V","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(22,1800000023000,'00000000000q','6SWW-00000000000000000QZ','"cashier"','{"kind":"intended","request":"{\"order\":23}"}');
INSERT INTO "log" VALUES(23,1800001000000,'00000000000q','6SWW-00000000000000000QZ','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
INSERT INTO "log" VALUES(24,1800000024000,'00000000000r',NULL,'"cashier"','{"kind":"ordered","number":"2222W","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(25,1800000024000,'00000000000r','6SWW-00000000000000000RY','"cashier"','{"kind":"intended","request":"{\"order\":24}"}');
INSERT INTO "log" VALUES(26,1800001000000,'00000000000r','6SWW-00000000000000000RY','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
INSERT INTO "log" VALUES(27,1800000025000,'00000000000s',NULL,'"cashier"','{"kind":"ordered","number":"2222X","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(28,1800000025000,'00000000000s','6SWW-00000000000000000SX','"cashier"','{"kind":"intended","request":"{\"order\":25}"}');
INSERT INTO "log" VALUES(29,1800001000000,'00000000000s','6SWW-00000000000000000SX','"desk"','{"kind":"not_found"}');
INSERT INTO "log" VALUES(30,1800000026000,'00000000000t',NULL,'"cashier"','{"kind":"ordered","number":"2222Y","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(31,1800000026000,'00000000000t','6SWW-00000000000000000TW','"cashier"','{"kind":"intended","request":"{\"order\":26}"}');
INSERT INTO "log" VALUES(32,1800001000000,'00000000000t','6SWW-00000000000000000TW','"desk"','{"kind":"refused","reason":"invalid","said":["no","xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]}');
INSERT INTO "log" VALUES(33,1800000027000,'00000000000v',NULL,'"cashier"','{"kind":"ordered","number":"2222Z","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(34,1800000027000,'00000000000v','6SWW-00000000000000000VV','"cashier"','{"kind":"intended","request":"{\"order\":27}"}');
INSERT INTO "log" VALUES(35,1800001000000,'00000000000v','6SWW-00000000000000000VV','"desk"','{"kind":"hinted","report":"settlement","fits":true}');
INSERT INTO "log" VALUES(36,1800000028000,'00000000000w',NULL,'"cashier"','{"kind":"ordered","number":"22232","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(37,1800000028000,'00000000000w','6SWW-00000000000000000WT','"cashier"','{"kind":"intended","request":"{\"order\":28}"}');
INSERT INTO "log" VALUES(38,1800001000000,'00000000000w','6SWW-00000000000000000WT','"desk"','{"kind":"cancel_asked"}');
INSERT INTO "log" VALUES(39,1800000029000,'00000000000x',NULL,'"cashier"','{"kind":"ordered","number":"22233","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(40,1800000029000,'00000000000x','6SWW-00000000000000000XS','"cashier"','{"kind":"intended","request":"{\"order\":29}"}');
INSERT INTO "log" VALUES(41,1800001000000,'00000000000x','6SWW-00000000000000000XS','"desk"','{"kind":"expire_asked"}');
INSERT INTO "log" VALUES(42,1800000030000,'00000000000y',NULL,'"cashier"','{"kind":"ordered","number":"22234","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(43,1800000030000,'00000000000y','6SWW-00000000000000000YR','"cashier"','{"kind":"intended","request":"{\"order\":30}"}');
INSERT INTO "log" VALUES(44,1800001000000,'00000000000y','6SWW-00000000000000000YR','"desk"','{"kind":"cannot_change"}');
INSERT INTO "log" VALUES(45,1800000031000,'00000000000z',NULL,'"cashier"','{"kind":"ordered","number":"22235","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(46,1800000031000,'00000000000z','6SWW-00000000000000000ZQ','"cashier"','{"kind":"intended","request":"{\"order\":31}"}');
INSERT INTO "log" VALUES(47,1800001000000,'00000000000z','6SWW-00000000000000000ZQ','"desk"','{"kind":"abandoned"}');
INSERT INTO "log" VALUES(48,1800000032000,'000000000010',NULL,'"cashier"','{"kind":"ordered","number":"22236","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(49,1800000032000,'000000000010','6SWW-000000000000000010X','"cashier"','{"kind":"intended","request":"{\"order\":32}"}');
INSERT INTO "log" VALUES(50,1800001000000,'000000000010','6SWW-000000000000000010X','"desk"','{"kind":"handed_over","by":"Sari"}');
INSERT INTO "log" VALUES(51,1800000033000,'000000000011',NULL,'"cashier"','{"kind":"ordered","number":"22237","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(52,1800000033000,'000000000011','6SWW-000000000000000011W','"cashier"','{"kind":"intended","request":"{\"order\":33}"}');
INSERT INTO "log" VALUES(53,1800001000000,'000000000011','6SWW-000000000000000011W','"desk"','{"kind":"seen_to","concern":"paid_twice","deed":"returned","by":"Sari"}');
INSERT INTO "log" VALUES(54,1800000040000,'000000000018',NULL,'"cashier"','{"kind":"ordered","number":"2223G","order":{"amount":44000,"store":"indomaret","items":[],"customer":null,"phone":null,"email":null,"note":null,"expiry_minutes":1440}}');
INSERT INTO "log" VALUES(55,1800000040000,'000000000018','6SWW-000000000000000018N','"cashier"','{"kind":"intended","request":"{\"order\":40}"}');
INSERT INTO "log" VALUES(56,1800001000000,'000000000018','6SWW-000000000000000018N','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"pending","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
INSERT INTO "log" VALUES(57,1800001000000,'000000000018','6SWW-000000000000000018N','"desk"','{"kind":"reported","asked":"look_up","asked_after":9223372036854775807,"report":"settlement","amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4","expires_at":1800086400000,"made_at":null,"settled_at":1800000500000,"told_at":null}');
CREATE TABLE matters (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        at        INTEGER NOT NULL,
        kind      TEXT NOT NULL,
        key       TEXT NOT NULL,
        detail    TEXT NOT NULL,
        seen_at   INTEGER,
        seen_by   TEXT,
        deed      TEXT,
        UNIQUE (kind, key)
    ) STRICT;
CREATE TABLE quarantine (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        digest      BLOB NOT NULL UNIQUE,
        times       INTEGER NOT NULL,
        body        BLOB NOT NULL
    ) STRICT;
INSERT INTO "quarantine" VALUES(1,1800005000000,X'72A95163B354DEB8B3727E4D338B9CB742755054F4C7DF1AD0E05765C24B1ED0',1,X'040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404040404');
INSERT INTO "quarantine" VALUES(2,1800004000000,X'E74EDC169210F89FF8E49678E6EB5F9BD3A4FC0E8661A8FFB90DB130AEC84CF1',1,X'050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505050505');
CREATE TABLE sales (
        id             TEXT PRIMARY KEY,
        number         TEXT NOT NULL UNIQUE,
        ordered_at     INTEGER NOT NULL,
        intended_at    INTEGER,
        store          TEXT NOT NULL,
        amount         INTEGER NOT NULL,
        customer       TEXT,
        phone          TEXT,
        note           TEXT,
        state          TEXT NOT NULL,
        problem        TEXT,
        concerns       INTEGER NOT NULL,
        order_id       TEXT,
        payment_code   TEXT,
        expires_at     INTEGER,
        paid_at        INTEGER,
        hold_until     INTEGER,
        confirmed_at   INTEGER,
        handed_over_at INTEGER,
        words          TEXT NOT NULL
    ) STRICT;
INSERT INTO "sales" VALUES('000000000001','22223',1800000001000,1800002000000,'alfamart',44000,NULL,NULL,NULL,'unknown','mismatch',1,'6SWW-0000000000000009RHZ',NULL,NULL,NULL,NULL,NULL,NULL,'22223
6sww-000000000000000001y
6sww-0000000000000009rhz
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000m','2222R',1800000020000,1800000020000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-00000000000000000MC',NULL,NULL,NULL,NULL,NULL,NULL,'2222r
6sww-00000000000000000mc
44000');
INSERT INTO "sales" VALUES('00000000000n','2222S',1800000021000,1800000021000,'indomaret',44000,NULL,NULL,NULL,'unknown','no_answer',0,'6SWW-00000000000000000NB',NULL,NULL,NULL,NULL,NULL,NULL,'2222s
6sww-00000000000000000nb
44000');
INSERT INTO "sales" VALUES('00000000000p','2222T',1800000022000,1800000022000,'indomaret',44000,NULL,NULL,NULL,'intent','busy',0,'6SWW-00000000000000000PA',NULL,NULL,NULL,NULL,NULL,NULL,'2222t
6sww-00000000000000000pa
44000');
INSERT INTO "sales" VALUES('00000000000q','2222V',1800000023000,1800000023000,'indomaret',44000,NULL,NULL,NULL,'pending',NULL,0,'6SWW-00000000000000000QZ','578112341234',1800086400000,NULL,NULL,NULL,NULL,'2222v
6sww-00000000000000000qz
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000r','2222W',1800000024000,1800000024000,'indomaret',44000,NULL,NULL,NULL,'paid',NULL,0,'6SWW-00000000000000000RY','578112341234',1800086400000,1800000500000,1800000800000,1800001000000,NULL,'2222w
6sww-00000000000000000ry
578112341234
44000');
INSERT INTO "sales" VALUES('00000000000s','2222X',1800000025000,1800000025000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-00000000000000000SX',NULL,NULL,NULL,NULL,NULL,NULL,'2222x
6sww-00000000000000000sx
44000');
INSERT INTO "sales" VALUES('00000000000t','2222Y',1800000026000,1800000026000,'indomaret',44000,NULL,NULL,NULL,'refused','invalid',0,'6SWW-00000000000000000TW',NULL,NULL,NULL,NULL,NULL,NULL,'2222y
6sww-00000000000000000tw
44000');
INSERT INTO "sales" VALUES('00000000000v','2222Z',1800000027000,1800000027000,'indomaret',44000,NULL,NULL,NULL,'confirming',NULL,0,'6SWW-00000000000000000VV',NULL,NULL,NULL,NULL,NULL,NULL,'2222z
6sww-00000000000000000vv
44000');
INSERT INTO "sales" VALUES('00000000000w','22232',1800000028000,1800000028000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-00000000000000000WT',NULL,NULL,NULL,NULL,NULL,NULL,'22232
6sww-00000000000000000wt
44000');
INSERT INTO "sales" VALUES('00000000000x','22233',1800000029000,1800000029000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-00000000000000000XS',NULL,NULL,NULL,NULL,NULL,NULL,'22233
6sww-00000000000000000xs
44000');
INSERT INTO "sales" VALUES('00000000000y','22234',1800000030000,1800000030000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-00000000000000000YR',NULL,NULL,NULL,NULL,NULL,NULL,'22234
6sww-00000000000000000yr
44000');
INSERT INTO "sales" VALUES('00000000000z','22235',1800000031000,1800000031000,'indomaret',44000,NULL,NULL,NULL,'abandoned',NULL,0,'6SWW-00000000000000000ZQ',NULL,NULL,NULL,NULL,NULL,NULL,'22235
6sww-00000000000000000zq
44000');
INSERT INTO "sales" VALUES('000000000010','22236',1800000032000,1800000032000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-000000000000000010X',NULL,NULL,NULL,NULL,NULL,1800001000000,'22236
6sww-000000000000000010x
44000');
INSERT INTO "sales" VALUES('000000000011','22237',1800000033000,1800000033000,'indomaret',44000,NULL,NULL,NULL,'intent',NULL,0,'6SWW-000000000000000011W',NULL,NULL,NULL,NULL,NULL,NULL,'22237
6sww-000000000000000011w
44000');
INSERT INTO "sales" VALUES('000000000018','2223G',1800000040000,1800000040000,'indomaret',44000,NULL,NULL,NULL,'paid',NULL,0,'6SWW-000000000000000018N','578112341234',1800086400000,1800000500000,1800000800000,1800001000000,NULL,'2223g
6sww-000000000000000018n
578112341234
44000');
CREATE TABLE strays (
        id       INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        since    INTEGER NOT NULL,
        inbox    INTEGER UNIQUE REFERENCES inbox (id),
        letter   TEXT
    ) STRICT;
INSERT INTO "strays" VALUES(1,'6SWW-000000000000000009P',1800003000000,1,'{"order_id":"6SWW-000000000000000009P","report":"settlement","consistent":true,"amount":44000,"store":"indomaret","payment_code":"578112341234","transaction_id":"9b3951a4"}');
CREATE INDEX log_of_sale ON log (sale, seq);
CREATE INDEX sales_by_time ON sales (ordered_at);
CREATE INDEX sales_by_state ON sales (state, ordered_at);
CREATE INDEX sales_for_attention ON sales (ordered_at) WHERE concerns > 0;
CREATE INDEX attempts_of_sale ON attempts (sale);
CREATE UNIQUE INDEX one_live_attempt_per_sale ON attempts (sale) WHERE live;
CREATE INDEX attempts_watched ON attempts (watched) WHERE watched > 0;
CREATE INDEX attempts_paid ON attempts (found_at) WHERE found_at IS NOT NULL;
CREATE INDEX inbox_of_order ON inbox (order_id);
CREATE INDEX inbox_unverified ON inbox (id) WHERE seal = 'unverified';
CREATE INDEX exchanges_of_order ON exchanges (order_id, id);
CREATE INDEX matters_open ON matters (id) WHERE seen_at IS NULL;
CREATE INDEX strays_of_order ON strays (order_id);
CREATE TRIGGER log_is_never_edited BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER closings_stay BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'a closed day stays as it is'); END;
CREATE TRIGGER closings_are_kept BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'a closed day stays'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('log',57);
INSERT INTO "sqlite_sequence" VALUES('inbox',7);
INSERT INTO "sqlite_sequence" VALUES('quarantine',2);
INSERT INTO "sqlite_sequence" VALUES('exchanges',2);
COMMIT;
PRAGMA user_version = 3;
