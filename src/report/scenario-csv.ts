import type { ScenarioResult } from "../simulate/scenario/result.ts";

/** The time line with one row a moment. */
export const scenarioCsv = ({ samples }: ScenarioResult): string => {
  const { pods, nodes, addresses, cpu, memory, replicas } = samples;
  const columns: (readonly [string, readonly number[]])[] = [
    ["seconds", samples.at.map((at) => at / 1000)],
    ...Object.entries(pods).map(([phase, values]) => [`pods_${phase}`, values] as const),
    ...Object.entries(nodes).map(([pool, values]) => [`nodes_${pool}`, values] as const),
    ...Object.entries(addresses).map(([name, values]) => [`addresses_${name}`, values] as const),
    ["cpu_used_milli", cpu.usedMilli],
    ["cpu_requested_milli", cpu.requestedMilli],
    ["cpu_allocatable_milli", cpu.allocatableMilli],
    ["memory_requested_bytes", memory.requestedBytes],
    ["memory_allocatable_bytes", memory.allocatableBytes],
    ...Object.entries(replicas).map(([workload, values]) => [`ready_${workload}`, values] as const),
  ];
  const rows = samples.at.map((_, row) => columns.map(([, values]) => String(values[row] ?? "")).join(","));
  return `${[columns.map(([name]) => cell(name)).join(","), ...rows].join("\n")}\n`;
};

/** Quoted where it must be; a leading sign would be a formula to a spreadsheet. */
const cell = (text: string): string => (/[",\r\n]|^[=+\-@\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
