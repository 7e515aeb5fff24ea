import type { FilterPlugin } from "./framework.ts";

const ANY = "0.0.0.0";

/** Host ports must be free: on the same address, or on any when either side asks for all. Source: `plugins/nodeports`, v1.35.4. */
export const nodePorts: FilterPlugin = {
  name: "NodePorts",
  prepare: ({ state, pod }) => {
    const wanted = pod.podClass.hostPorts;
    if (wanted.length === 0) return "skip";
    const rejection = state.rejections.idOf(
      "NodePorts",
      "Unschedulable",
      "node(s) didn't have free ports for the requested pod ports",
    );
    return {
      filter: (row) => {
        const used = state.ledger.portsOn(row);
        if (used === undefined || used.size === 0) return 0;
        for (const { ip, protocol, port } of wanted) {
          const rest = ` ${protocol} ${port}`;
          if (ip === ANY ? hasSuffix(used, rest) : used.has(`${ANY}${rest}`) || used.has(`${ip}${rest}`))
            return rejection;
        }
        return 0;
      },
    };
  },
};

const hasSuffix = (used: ReadonlyMap<string, number>, suffix: string): boolean => {
  for (const key of used.keys()) if (key.endsWith(suffix)) return true;
  return false;
};
