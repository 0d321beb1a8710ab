import { onTestFinished, vi } from "vitest";

/** The events of a page, which Node does not have. */
export interface Page {
  /** Dispatches an event of the window. */
  emit(event: "online" | "offline" | "pageshow"): void;
  /** Dispatches an event of the document. */
  show(state: "visible" | "hidden"): void;
}

/** Gives this test a window and a document without anything but events. */
export function openPage(): Page {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  vi.stubGlobal("document", document);
  onTestFinished(() => void vi.unstubAllGlobals());
  return {
    emit: (event) => void window.dispatchEvent(new Event(event)),
    show: (state) => {
      document.visibilityState = state;
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}
