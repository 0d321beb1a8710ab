import * as server from "@trpc/server";
import * as ws from "@trpc/server/adapters/ws";
import * as http from "@trpc/server/http";

// What tRPC 10 lacks, taken from the namespaces: imported by name, it would end a program while it is loaded, before
// `assertTrpcServer` could say why.
export const { getErrorShape, transformTRPCResponse } = server;
export const { getWSConnectionHandler } = ws;
export const { parseConnectionParamsFromUnknown } = http;
