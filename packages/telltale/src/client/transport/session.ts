import { randomText } from "../random-text.js";

const STORAGE_KEY = "telltale.session";
const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;

/**
 * Returns the secret of an anonymous session: `anon_` and 32 random bytes. Browsers keep it in localStorage, so that users still own
 * their jobs after a reload. Without storage (outside browsers, or where it is blocked) each call returns a new one.
 */
export function anonymousSession(): string {
  const storage = browserStorage();
  const kept = storage?.getItem(STORAGE_KEY);
  if (kept && SESSION_PATTERN.test(kept)) return kept;
  const session = `anon_${randomText(32)}`;
  try {
    storage?.setItem(STORAGE_KEY, session);
  } catch {
    // The storage is full or read-only. The session then ends with the client.
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
