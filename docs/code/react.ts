// What docs/live-status.md shows for React. It is compiled with the tests.
// #region use
import { useEffect, useState } from "react";
import type { JobEvent } from "telltale";
import type { JobHandle } from "telltale/client";
import type { render } from "./contracts.js";
// #endregion

// #region use
/** The latest event of a job; undefined until the first one arrives. */
export function useJobStatus(job: JobHandle<typeof render>) {
  const [now, setNow] = useState<JobEvent<typeof render>>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    setNow(undefined); // of another job
    setError(undefined);
    const unmounted = new AbortController();
    const watch = async () => {
      for await (const event of job.watch({ signal: unmounted.signal })) setNow(event);
    };
    watch().catch(setError); // "not_found" or "unauthorized"; lost connections are repaired by the client
    return () => unmounted.abort();
  }, [job]);
  return { now, error };
}
// #endregion
