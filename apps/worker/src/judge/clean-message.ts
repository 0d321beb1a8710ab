/** The longest message of a test, in characters. */
export const MESSAGE_MAX = 500;

/**
 * Returns one line of at most 500 characters. Control and format characters (ANSI escapes, line breaks, text direction)
 * and lone surrogates become spaces, because the text is untrusted and ends up in terminals and logs.
 */
export function cleanMessage(text: string): string {
  const line = text.slice(0, MESSAGE_MAX).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ");
  return text.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX - 1)}…` : line;
}
