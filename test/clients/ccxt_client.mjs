// A ccxt client of the demo, told nothing but the address and the keys.
import ccxt from 'ccxt';

export function ccxtFor(demo, account, options = {}) {
  const client = new ccxt.bitbank({
    apiKey: account.key, secret: account.secret, enableRateLimit: false, timeout: 10_000, options });
  for (const api of ['public', 'private', 'markets']) client.urls.api[api] = demo.rest;
  return client;
}
