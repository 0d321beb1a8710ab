import cliTruncate from "cli-truncate";
import { createLogUpdate } from "log-update";
import type { BulkProgress } from "../../core/index.js";
import { bar } from "../output/bar.js";
import { progressShare } from "../output/progress-share.js";
import type { Context } from "../run-command.js";

/** Shows the progress of a bulk action. */
export interface ShownProgress {
  update(progress: BulkProgress): void;
  /** Removes the line with the progress from a terminal. */
  end(): void;
}

/**
 * On a terminal, one line that changes, with a bar if the number of matching jobs is known. Otherwise a line for each step, on stderr, so
 * that stdout has only the result.
 */
export function showProgress({ screen, note }: Context, total: number | null): ShownProgress {
  if (!screen.isTerminal) {
    let said = "";
    return {
      update(progress) {
        // The result follows the last step.
        const text = describe(progress);
        if (!progress.finished && text !== said) note(text);
        said = text;
      },
      end: () => {},
    };
  }
  const { columns, palette } = screen;
  const line = createLogUpdate(screen.stream);
  return {
    update(progress) {
      const handled = progress.done + sum(progress.skipped);
      const share = total === null ? null : progressShare({ handled, total: Math.max(total, handled) });
      const parts = [...(share ? [bar(share.share, columns(), palette), share.text] : []), describe(progress)];
      line(cliTruncate(parts.join("  "), columns()));
    },
    end() {
      line.clear();
      line.done();
    },
  };
}

/** Describes a progress in words: `300 done, 2 skipped (changed 2), looked at 5000`. */
export function describe({ seen, matched, done, requested, skipped, finished }: BulkProgress): string {
  const left = Object.entries(skipped).filter(([, n]) => n > 0);
  const parts = [
    done > 0 || left.length > 0 ? `${done} done` : `${matched} found`,
    ...(requested > 0 ? [`${requested} of them asked to stop`] : []),
    ...(left.length > 0 ? [`${sum(skipped)} skipped (${left.map(([reason, n]) => `${reason} ${n}`).join(", ")})`] : []),
    `looked at ${seen}`,
  ];
  return parts.join(", ") + (finished ? "" : " …");
}

function sum(skipped: BulkProgress["skipped"]): number {
  return Object.values(skipped).reduce((total, n) => total + n, 0);
}
