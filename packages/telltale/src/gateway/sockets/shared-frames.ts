import type { AnyTRPCRouter, TrackedEnvelope } from "@trpc/server";
import { transformTRPCResponse } from "../trpc-server.js";

const HEAD = '{"id":0,';

/** Encodes events as tRPC's adapter does, each once for all subscriptions that get it. */
export class SharedFrames {
  readonly #config: AnyTRPCRouter["_def"]["_config"];
  readonly #tails = new WeakMap<TrackedEnvelope<unknown>, string>();

  constructor(router: AnyTRPCRouter) {
    this.#config = router._def._config;
  }

  /** Returns the frame of an event without its beginning, which contains the id of a subscription. */
  tailOf(event: TrackedEnvelope<unknown>): string {
    const known = this.#tails.get(event);
    if (known !== undefined) return known;
    const [id, data] = event;
    const frame = transformTRPCResponse(this.#config, { id: 0, result: { type: "data", data: { id, data }, id } });
    const tail = JSON.stringify(frame).slice(HEAD.length);
    this.#tails.set(event, tail);
    return tail;
  }
}
