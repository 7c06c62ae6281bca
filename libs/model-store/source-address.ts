const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a file may be fetched from there: https, or http on this machine; without credentials in the address. */
export function isFetchable(address: string): boolean {
  const url = URL.parse(address);
  if (!url || url.username || url.password) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}

export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname);
}
