import type { ScenarioResult } from "../simulate/scenario/result.ts";
import { html } from "./escape.ts";
import { clock } from "./scenario-time.ts";

const WIDTH = 900;
const HEIGHT = 150;
const LEFT = 150;
const GAP = 40;
const colours = ["#0969da", "#1a7f37", "#bf3989", "#9a6700", "#8250df", "#cf222e", "#57606a"];

interface Chart {
  readonly title: string;
  readonly lines: readonly (readonly [string, readonly number[]])[];
}

/** Charts of pods, nodes, addresses and CPU one below the other. */
export const scenarioSvg = ({ samples, start, cluster }: ScenarioResult): string => {
  const { pods, nodes, addresses, cpu } = samples;
  const cores = (values: readonly number[]): readonly number[] => values.map((value) => value / 1000);
  const charts: readonly Chart[] = [
    {
      title: "Pods",
      lines: [
        ["wanted", pods.wanted],
        ["ready", pods.ready],
        ["pending", pods.pending],
      ],
    },
    { title: "Ready nodes", lines: Object.entries(nodes) },
    { title: "Addresses", lines: Object.entries(addresses) },
    {
      title: "CPU, cores",
      lines: [
        ["allocatable", cores(cpu.allocatableMilli)],
        ["requested", cores(cpu.requestedMilli)],
        ["used", cores(cpu.usedMilli)],
      ],
    },
  ];
  const height = charts.length * (HEIGHT + GAP) + GAP;
  const body = charts.map((chart, index) => draw(chart, samples.at, start, GAP + index * (HEIGHT + GAP))).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + LEFT + 20} ${height}" role="img" font-family="sans-serif" font-size="12">
<title>${html(`Time line of ${cluster}`)}</title>
${body}
</svg>
`;
};

const draw = ({ title, lines }: Chart, at: readonly number[], start: number, top: number): string => {
  const most = Math.max(1, ...lines.flatMap(([, values]) => values));
  const last = Math.max(1, at.at(-1) ?? 1);
  const x = (time: number): number => LEFT + (time / last) * WIDTH;
  const y = (value: number): number => top + HEIGHT - (value / most) * HEIGHT;
  const paths = lines.map(([name, values], index) => {
    const colour = colours[index % colours.length] ?? "#000";
    const points = values.map((value, each) => `${x(at[each] ?? 0).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points}"/><text x="8" y="${top + 30 + index * 16}" fill="${colour}">${html(name)}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const time = part * last;
    return `<text x="${x(time).toFixed(1)}" y="${top + HEIGHT + 14}" text-anchor="middle" fill="#57606a">${clock(start + time)}</text>`;
  });
  return `<text x="8" y="${top + 10}" font-weight="bold">${html(title)}</text><text x="${LEFT - 6}" y="${top + 10}" text-anchor="end" fill="#57606a">${Math.round(most)}</text>
<rect x="${LEFT}" y="${top}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#d0d7de"/>
${[...paths, ...ticks].join("\n")}`;
};
