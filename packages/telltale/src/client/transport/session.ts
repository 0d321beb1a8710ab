import { randomText } from "../random-text.js";

const STORAGE_KEY = "telltale.session";
const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;

/**
 * The secret of an anonymous session: `anon_` and 32 random bytes. A browser keeps it in localStorage, so that a reload
 * still owns its jobs; where that is refused (private windows, blocked storage) and outside browsers it is a new one.
 */
export function anonymousSession(): string {
  const storage = browserStorage();
  const kept = storage?.getItem(STORAGE_KEY);
  if (kept && SESSION_PATTERN.test(kept)) return kept;
  const session = `anon_${randomText(32)}`;
  try {
    storage?.setItem(STORAGE_KEY, session);
  } catch {
    // A full or read-only storage: the session lives as long as the client.
  }
  return session;
}

function browserStorage(): Storage | undefined {
  // Newer versions of Node have a localStorage that warns when touched; a document is what only a page has.
  if (typeof document === "undefined") return undefined;
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
