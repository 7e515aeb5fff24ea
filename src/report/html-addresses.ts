import type { SubnetPrediction } from "../simulate/prediction.ts";
import { addressesText } from "./amounts.ts";
import { html } from "./escape.ts";
import { bar, section, table } from "./html-parts.ts";
import type { WorldReport } from "./report.ts";

const WIDTH = 1000;
const HEIGHT = 34;
/** Classes `part0` … of the page's style; further parts begin anew. */
const colours = 8;

interface Stretch {
  readonly kind: string;
  readonly what: string;
  readonly addresses: number;
}

/** Each subnet's use as figures and as a map. */
export const addresses = (world: WorldReport): string =>
  section(
    "addresses",
    "Addresses",
    table(
      ["subnet", "prefix", "use", "usable", "used", "reserved", "free"],
      world.subnets.map((subnet) => [
        html(subnet.name),
        html(subnet.prefix),
        bar(
          Math.max(subnet.usable, subnet.used + subnet.reserved),
          [
            ["used", subnet.used],
            ["reserved", subnet.reserved],
          ],
          `${subnet.used} used, ${subnet.reserved} reserved for max_count and surge, ${addressesText(subnet.free)} free of ${addressesText(subnet.usable)}`,
        ),
        addressesText(subnet.usable),
        String(subnet.used),
        String(subnet.reserved),
        subnet.free < 0 ? `<b class="worse">${subnet.free}</b>` : addressesText(subnet.free),
      ]),
    ) + world.subnets.map(addressMap).join("\n"),
  );

/** One subnet as a strip: what each part takes, what is reserved, what is left; a line where the range ends too early. */
const addressMap = (subnet: SubnetPrediction): string => {
  const stretches = stretchesOf(subnet);
  const whole = Math.max(1, subnet.usable, subnet.used + subnet.reserved);
  let from = 0;
  const boxes = stretches.map(({ kind, what, addresses: count }) => {
    const x = (from / whole) * WIDTH;
    from += count;
    return `<rect class="${kind}" x="${x.toFixed(2)}" y="0" width="${((count / whole) * WIDTH).toFixed(2)}" height="${HEIGHT}"><title>${html(`${what}: ${addressesText(count)}`)}</title></rect>`;
  });
  const edge =
    subnet.free < 0
      ? `<line class="edge-of-range" x1="${((subnet.usable / whole) * WIDTH).toFixed(2)}" x2="${((subnet.usable / whole) * WIDTH).toFixed(2)}" y1="0" y2="${HEIGHT}"><title>${html(`the range ends here, ${-subnet.free} too few`)}</title></line>`
      : "";
  const legend = stretches.map(
    ({ kind, what, addresses: count }) =>
      `<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg> ${html(what)}: ${addressesText(count)}</li>`,
  );
  const missing = subnet.free < 0 ? `<li class="worse">too few: ${-subnet.free}</li>` : "";
  const label = `${subnet.name} ${subnet.prefix}: ${subnet.used} used, ${subnet.reserved} reserved, ${addressesText(subnet.free)} free`;
  return `<figure class="map"><figcaption>${html(`${subnet.name} ${subnet.prefix}`)}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${html(label)}">${boxes.join("")}${edge}</svg><ul class="legend">${legend.join("")}${missing}</ul></figure>`;
};

const stretchesOf = (subnet: SubnetPrediction): readonly Stretch[] => {
  const parts = subnet.parts.filter(({ used }) => used > 0);
  const told = parts.reduce((total, { used }) => total + used, 0);
  const all: readonly Stretch[] = [
    ...parts.map(({ what, used }, index) => ({ kind: `part${index % colours}`, what, addresses: used })),
    { kind: "part-other", what: "others in use", addresses: subnet.used - told },
    { kind: "part-reserved", what: "reserved for max_count and surge", addresses: subnet.reserved },
    { kind: "part-free", what: "free", addresses: subnet.free },
  ];
  return all.filter((stretch) => stretch.addresses > 0);
};
