import * as server from "@trpc/server";
import * as ws from "@trpc/server/adapters/ws";
import * as http from "@trpc/server/http";

// tRPC 10 lacks these exports. Importing them by name would crash the program at load time, before `assertTrpcServer`
// can report the wrong version.
export const { getErrorShape, transformTRPCResponse } = server;
export const { getWSConnectionHandler } = ws;
export const { parseConnectionParamsFromUnknown } = http;
