import { TelltaleError } from "../../core/index.js";
import { isRouterName, rememberedRouter, rememberRouter } from "./router-file.js";

/** The jobs router of a server that a command uses. */
export interface RouterChoice {
  /** The name, such as `jobs` or `api.jobs`, or null if the router is at the root. */
  readonly name: string | null;
  readonly source: "option" | "remembered" | "default";
}

/** tRPC's message for an unknown procedure, which has no error code of its own. */
const NO_PROCEDURE = /^No (procedure found|"\w+"-procedure) on path "/;

/** Chooses the router by `--router` or `--no-router` (false), then the remembered name, then the root. */
export async function chooseRouter(url: string, given: string | false | undefined): Promise<RouterChoice> {
  if (given === false) return { name: null, source: "option" };
  // An empty variable counts as not set.
  if (!given) {
    const name = await rememberedRouter(url);
    return { name, source: name === null ? "default" : "remembered" };
  }
  if (isRouterName(given)) return { name: given, source: "option" };
  throw new TelltaleError(
    "invalid_config",
    `${JSON.stringify(given.slice(0, 100))} is not a router name. Use a name such as jobs or api.jobs.`,
  );
}

/** Remembers a choice that worked. Returns false if the file cannot be written. */
export async function keepRouter(url: string, { name, source }: RouterChoice): Promise<boolean> {
  if (source !== "option") return true;
  try {
    await rememberRouter(url, name);
    return true;
  } catch {
    return false;
  }
}

/** Returns the error of a call, or a clearer one with a remedy if the server has no tRPC or no jobs router there. */
export function withRouterHint(error: unknown, url: string, { name, source }: RouterChoice): unknown {
  if (!(error instanceof TelltaleError)) return error;
  if (error.code !== "invalid_config") return error;
  if (statusOf(error.data) === 404) {
    const message = `No tRPC at ${url} (the server returned 404). If its path is not /trpc, give the full address: --url http://host/api/trpc`;
    return new TelltaleError("invalid_config", message, { cause: error });
  }
  if (!(error.cause instanceof Error && NO_PROCEDURE.test(error.cause.message))) return error;
  const where = name === null ? `at the root of ${url}` : `at ${url} under the name ${name}`;
  const how = source === "remembered" ? " (remembered from an earlier command)" : "";
  const remedy = name === null ? "Use --router <name>." : "Use --router <name>, or --no-router for the root.";
  return new TelltaleError(
    "invalid_config",
    `No jobs router ${where}${how}. Did you mount it under another name? ${remedy}`,
    { cause: error },
  );
}

function statusOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "status" in data ? data.status : undefined;
}
