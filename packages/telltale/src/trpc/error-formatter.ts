import type { TRPCDefaultErrorShape, TRPCError } from "@trpc/server";
import { TelltaleError } from "../core/index.js";
import type { TelltaleErrorData } from "../core/schemas.js";

/** tRPC's error shape, with the code and data of a `TelltaleError` in `data.telltale`. */
export type TelltaleErrorShape = TRPCDefaultErrorShape & {
  readonly data: TRPCDefaultErrorShape["data"] & { readonly telltale?: TelltaleErrorData };
};

/**
 * The `errorFormatter` for your `initTRPC.create`. It adds `{ code, data? }` of a `TelltaleError` as `error.data.telltale`,
 * removes stacks, and hides the messages of internal errors. Without it, clients only get tRPC's own code, except when a gateway
 * refuses a subscription because its socket holds too many.
 */
export function telltaleErrorFormatter({
  shape,
  error,
}: Readonly<{ shape: TRPCDefaultErrorShape; error: TRPCError }>): TelltaleErrorShape {
  const { stack: _stack, ...data } = shape.data;
  const { cause } = error;
  // The message of a JSON parser quotes the input, which must not be sent back.
  if (cause instanceof SyntaxError && (error.code === "BAD_REQUEST" || error.code === "PARSE_ERROR")) {
    return {
      ...shape,
      message: "The request is not valid JSON",
      data: { ...data, telltale: { code: "invalid_input" } },
    };
  }
  if (!(cause instanceof TelltaleError)) return { ...shape, message: publicMessage(shape, error), data };
  const telltale = { code: cause.code, ...(cause.data === undefined ? {} : { data: cause.data }) };
  return { ...shape, data: { ...data, telltale } };
}

// The message of an internal exception may contain a secret or a payload, so callers do not get it.
function publicMessage(shape: TRPCDefaultErrorShape, error: TRPCError): string {
  return error.code === "INTERNAL_SERVER_ERROR" ? "Internal error" : shape.message;
}
