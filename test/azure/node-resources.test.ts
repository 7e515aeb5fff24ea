import { expect, test } from "@jest/globals";
import {
  ephemeralLimitGib,
  memoryCapacityMib,
  nodeResources,
  osDisk,
  reservedCpuMilli,
  reservedMemoryMib,
} from "../../src/azure/node-resources.ts";
import { vmSize } from "../../src/azure/vm-sizes.ts";

const input = (parts: Partial<Parameters<typeof nodeResources>[0]>) => ({
  vcpus: 4,
  memoryGib: 16,
  maxPods: 110,
  kubernetesVersion: "1.34",
  osDiskGib: 128,
  windows: false,
  ...parts,
});

// "Node resource reservations": the table, and figures between its columns.
test.each([
  [1, 60],
  [2, 100],
  [4, 140],
  [8, 180],
  [16, 260],
  [32, 420],
  [64, 740],
  [6, 160],
  [20, 300],
  [48, 580],
  [96, 1060],
])("%i vCPU keep %i millicores", (vcpus, milli) => {
  expect(reservedCpuMilli(vcpus)).toBe(milli);
});

// Observed nodes: capacity less allocatable, to the KiB.
test.each([
  ["1.24", 4, 100, 4025836, 2209260],
  ["1.25.6", 7, 110, 7098320, 4653008],
  ["1.28", 32, 110, 32863116, 28362636],
  ["1.30.7", 32, 250, 32865016, 27591416],
  ["1.30.9", 8, 250, 8130044, 5930492],
  ["1.32.7", 32, 110, 32859916, 30453516],
])(
  "on %s a node of %i GiB with %i pods loses what was observed",
  (version, gib, maxPods, capacityKi, allocatableKi) => {
    const { kubeReserved, evictionMemoryMib } = nodeResources(
      input({ memoryGib: gib, maxPods, kubernetesVersion: version }),
    );
    expect((kubeReserved.memoryMib + evictionMemoryMib) * 1024).toBe(capacityKi - allocatableKi);
    expect(Math.abs(memoryCapacityMib(gib) - capacityKi / 1024)).toBeLessThan(20);
  },
);

test("the pods of a pool decide on its memory from 1.29", () => {
  const mib = (gib: number, pods: number): number => reservedMemoryMib(gib * 1024, pods, "1.29");
  expect([mib(8, 30), mib(8, 110), mib(16, 110), mib(16, 250), mib(32, 250)]).toEqual([650, 2048, 2250, 4096, 5050]);
});

test("ephemeral storage is that of the observed nodes, to the byte", () => {
  const small = nodeResources(input({ osDiskGib: 128 }));
  const large = nodeResources(input({ osDiskGib: 256 }));
  expect(small.capacity.ephemeralStorage / 1024).toBe(129886128);
  expect(small.allocatable.ephemeralStorage).toBe(119703055367);
  expect(large.capacity.ephemeralStorage / 1024).toBe(259966896);
  expect(large.allocatable.ephemeralStorage).toBe(239585490957);
});

test("a Windows node keeps two GiB more", () => {
  const linux = nodeResources(input({}));
  const windows = nodeResources(input({ windows: true }));
  expect(linux.allocatable.memory - windows.allocatable.memory).toBe(2 * 1024 ** 3);
});

const size = (name: string) => {
  const found = vmSize(name);
  if (found === undefined) throw new Error(name);
  return found;
};

test("the OS disk follows the provider's and the service's defaults", () => {
  const choose = (name: string, type?: string, sizeGib?: number) => osDisk(size(name), { type, sizeGib });
  expect(choose("Standard_D4s_v5")).toMatchObject({ type: "Managed", sizeGib: 128 });
  expect(choose("Standard_D16s_v5")).toMatchObject({ type: "Managed", sizeGib: 512 });
  expect(choose("Standard_D8ds_v5", "Ephemeral")).toMatchObject({ type: "Ephemeral", sizeGib: 300 });
  expect(choose("Standard_D8ds_v5", "Ephemeral", 100)).toMatchObject({ type: "Ephemeral", sizeGib: 100 });
  expect(ephemeralLimitGib(size("Standard_D4s_v5"))).toBe(0);
  expect(ephemeralLimitGib(size("Standard_DS2_v2"))).toBe(86);
});
