import { z } from "zod";

const FromApp = z.object({ id: z.string() });
const FromRouter = z.object({ result: z.object({ data: z.object({ json: z.object({ id: z.string() }) }) }) });

/** Sends an order to the app, which submits in process. Resolves with the job's id when it is acknowledged. */
export async function submitToApp(url: string, input: object): Promise<string> {
  return FromApp.parse(await post(`${url}/statements`, input)).id;
}

/** Submits through the jobs router, as any HTTP client can. Resolves with the job's id when it is acknowledged. */
export async function submitToRouter(url: string, input: object): Promise<string> {
  const answer = await post(`${url}/trpc/submit`, { json: { kind: "statement", input } });
  return FromRouter.parse(answer).result.data.json.id;
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${await response.text()}`);
  return response.json();
}
