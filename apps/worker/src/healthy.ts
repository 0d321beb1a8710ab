// Exits with 0 if the worker of this container wrote its health file lately: see health-file.ts.
import { isFresh } from "./health-file.js";

process.exit(isFresh(process.env.HEALTH_FILE ?? "") ? 0 : 1);
