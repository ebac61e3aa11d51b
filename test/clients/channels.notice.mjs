// A notice as bytes, for tests of what leaves the house.

// docs/formats/notice.md
export function encodeNotice(notice) {
  const parts = [];
  const u8 = (value) => parts.push(Buffer.from([value]));
  const u32 = (value) => { const b = Buffer.alloc(4); b.writeUInt32LE(value); parts.push(b); };
  const i64 = (value) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(value)); parts.push(b); };
  const blob = (text) => { const b = Buffer.from(text); u32(b.length); parts.push(b); };
  const text = ([ja, en]) => { blob(ja); blob(en); };
  const component = ([kind, name]) => { u8(kind); blob(name); };
  u8(1); blob(notice.incident); u32(notice.number);
  u8(notice.phase); u8(2); u8(notice.drill ? 1 : 0);
  i64(notice.at); i64(notice.at - 4000);
  u8(0);
  u8(1); i64(notice.at + 900_000);
  u8(0); u8(0);
  text(notice.title); text(notice.body);
  u8(0); text(['資産への影響はありません。', 'Assets are not affected.']);
  u8(1); component([1, 'btc_jpy']); u8(0); u8(3);
  u8(1); component([1, 'eth_jpy']);
  u8(0);
  return Buffer.concat(parts);
}
export const someNotice = (changes = {}) => ({ incident: 'inc1', number: 1, phase: 0, at: 1_763_737_200_000,
  title: ['BTC/JPY の注文が失敗しています', 'BTC/JPY orders are failing'],
  body: ['調査中です。', 'We are investigating.'], ...changes });
