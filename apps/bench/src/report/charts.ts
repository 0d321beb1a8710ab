import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { CONTENDERS, type Contender, isContender } from "../contenders/contender.js";
import type { Figure } from "../rows/row.js";
import { inUnit } from "./in-unit.js";
import type { Results } from "./results.js";

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

// One file serves light and dark pages, so the background is transparent, and these have enough contrast on white and on black.
const TEXT = "#7a818a";
const LINE = "rgba(128, 132, 140, 0.35)";
const COLOURS: Readonly<Record<Contender, string>> = {
  telltale: "#1f8fe0",
  bullmq: "#d9822b",
  "bee-queue": "#b08900",
  "socket.io": "#9065d8",
  trpc: "#3d9a5f",
  ioredis: "#8b929c",
  ws: "#8b929c",
};

/** A chart: the figures are its groups of bars, and the contenders the bars. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly figures: readonly { readonly figure: Figure; readonly label: string }[];
  readonly contenders: readonly Contender[];
}

/** Returns the chart as SVG, or null if none of its figures was measured. */
export function svgOf({ title, figures, contenders }: Chart, results: Results): string | null {
  const shown = figures.filter(({ figure }) => results.figures[figure.name]?.telltale !== undefined);
  const [first] = shown;
  if (!first) return null;
  const present = contenders.filter((name) => shown.some(({ figure }) => results.figures[figure.name]?.[name]));
  const height = 90 + shown.length * (present.length * 24 + 18);
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 760, height });
  const direction = first.figure.better === "higher" ? "more is better" : "less is better";
  const label = { color: TEXT, fontSize: 12, fontFamily: "system-ui, sans-serif" };
  chart.setOption({
    animation: false,
    backgroundColor: "transparent",
    title: {
      left: 0,
      top: 0,
      text: `${title} (${first.figure.unit}, ${direction})`,
      textStyle: { ...label, fontSize: 14 },
    },
    legend: { selectedMode: false, top: 30, left: 0, textStyle: label },
    grid: { left: 8, right: 90, top: 62, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "value", axisLabel: { show: false }, splitLine: { lineStyle: { color: LINE } } },
    yAxis: {
      type: "category",
      inverse: true,
      data: shown.map((one) => one.label),
      axisLabel: label,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: LINE } },
    },
    series: present.map((name) => ({
      type: "bar",
      silent: true,
      name: CONTENDERS[name].label,
      itemStyle: { color: COLOURS[name] },
      barGap: "15%",
      data: shown.map(({ figure }) => {
        const median = results.figures[figure.name]?.[name]?.median;
        if (median === undefined) return { value: null };
        return {
          value: median,
          label: { show: true, position: "right", ...label, formatter: inUnit(median, figure.unit) },
        };
      }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

export const contendersIn = (measured: Results["figures"][string]): Contender[] =>
  Object.keys(measured).filter(isContender);
