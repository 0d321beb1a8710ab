import { randomText } from "../random-text.js";

const STORAGE_KEY = "telltale.session";
const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;

/**
 * Returns the secret of an anonymous session: `anon_` and 32 random bytes. Browsers keep it in localStorage, so that the user still
 * owns their jobs after a reload. Without storage (private windows, blocked storage, outside browsers) it is new each time.
 */
export function anonymousSession(): string {
  const storage = browserStorage();
  const kept = storage?.getItem(STORAGE_KEY);
  if (kept && SESSION_PATTERN.test(kept)) return kept;
  const session = `anon_${randomText(32)}`;
  try {
    storage?.setItem(STORAGE_KEY, session);
  } catch {
    // The storage is full or read-only, so the session lasts as long as the client.
  }
  return session;
}

function browserStorage(): Storage | undefined {
  // Newer versions of Node have a localStorage that warns when it is used. Only pages have a document.
  if (typeof document === "undefined") return undefined;
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
