// Health check of the container: exits with 0 if the worker wrote its health file recently. See health-file.ts.
import { isFresh } from "./health-file.js";

process.exit(isFresh(process.env.HEALTH_FILE ?? "") ? 0 : 1);
