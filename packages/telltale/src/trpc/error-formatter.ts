import type { TRPCDefaultErrorShape, TRPCError } from "@trpc/server";
import { TelltaleError } from "../core/index.js";
import type { TelltaleErrorData } from "../core/schemas.js";

/** tRPC's error shape with our code in it. */
export type TelltaleErrorShape = TRPCDefaultErrorShape & {
  readonly data: TRPCDefaultErrorShape["data"] & { readonly telltale?: TelltaleErrorData };
};

/**
 * `errorFormatter` for the host's `initTRPC.create`: puts `{ code, data? }` of a `TelltaleError` into
 * `error.data.telltale` and keeps stacks in the process. The SDK falls back to tRPC's own code without it.
 */
export function telltaleErrorFormatter({
  shape,
  error,
}: Readonly<{ shape: TRPCDefaultErrorShape; error: TRPCError }>): TelltaleErrorShape {
  const { stack: _stack, ...data } = shape.data;
  const { cause } = error;
  // Not JSON: the parser's message quotes what was sent, an input among it.
  if (cause instanceof SyntaxError && (error.code === "BAD_REQUEST" || error.code === "PARSE_ERROR")) {
    return { ...shape, message: "The call is not JSON", data: { ...data, telltale: { code: "invalid_input" } } };
  }
  if (!(cause instanceof TelltaleError)) return { ...shape, message: publicMessage(shape, error), data };
  const telltale = { code: cause.code, ...(cause.data === undefined ? {} : { data: cause.data }) };
  return { ...shape, data: { ...data, telltale } };
}

// What fails inside is nobody else's to read: an exception's message may hold a secret or a payload.
function publicMessage(shape: TRPCDefaultErrorShape, error: TRPCError): string {
  return error.code === "INTERNAL_SERVER_ERROR" ? "Internal error" : shape.message;
}
