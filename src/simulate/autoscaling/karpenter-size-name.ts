/** The parts of a VM size's name. */
export interface SizeName {
  /** `D` of Standard_D4as_v5. */
  readonly family: string;
  /** As the name tells. */
  readonly vcpus: number;
  readonly constrained: boolean;
  /** `Das_v5`. */
  readonly series: string;
  /** `5`; sizes without one count as version 1. */
  readonly version: string;
  readonly accelerator: string | undefined;
}

const pattern =
  /^([A-Z])([A-Z]?[A-Z]?)(\d+)(?:-(\d+))?([abcdeiflmnotspPr]+|C\+|NP)?_?(?:NDR_)?(?:(?:xl_)?([A-Z]+\d+[A-Z]*)_?)?(?:_?cc_)?(?:_?\d+_)?([vV][1-9])?(_Promo)?$/;

/** GPUs of sizes whose name tells none (series pages of the Azure documentation, as Azure/skewer `vmsize.go` lists them). */
const unnamedAccelerators: Readonly<Record<string, string>> = {
  NC6s_v3: "V100",
  NC12s_v3: "V100",
  NC24s_v3: "V100",
  NC24rs_v3: "V100",
  ND40rs_v2: "V100",
  ND96asr_v4: "A100",
  NV12s_v3: "M60",
  NV24s_v3: "M60",
  NV48s_v3: "M60",
  NV4as_v4: "MI25",
  NV8as_v4: "MI25",
  NV16as_v4: "MI25",
  NV32as_v4: "MI25",
};

/** Reads `Standard_NC24ads_A100_v4`; nothing where the name is none of a size ("Azure virtual machine sizes naming conventions"). */
export const parseSizeName = (name: string): SizeName | undefined => {
  const size = name.replace(/^Standard_/i, "");
  const match = pattern.exec(size);
  if (match === null) return undefined;
  const [, family = "", sub = "", vcpus = "0", constrained, features = "", accelerator, version] = match;
  return {
    family,
    vcpus: Number(vcpus),
    constrained: constrained !== undefined,
    series: `${family}${sub}${features}${version === undefined ? "" : `_${version}`}`,
    version: version === undefined ? "1" : version.slice(1),
    accelerator: accelerator ?? unnamedAccelerators[size.replace(/_Promo$/, "")],
  };
};
