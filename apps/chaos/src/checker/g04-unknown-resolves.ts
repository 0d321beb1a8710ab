import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G4: a submit with an unknown outcome is answered when it is repeated on a healthy stack. */
export function unknownResolves({ keys }: History): Violation[] {
  return [...keys].flatMap(([key, submits]) => {
    const isOpen = submits.some(({ phase }) => phase === "unknown") && !submits.some(({ phase }) => phase === "ok");
    return isOpen ? [{ rule: "G4", says: `${key} was never answered` }] : [];
  });
}
