import {
  type IdentityNeed,
  identityNeeds,
  type WorkloadIdentity,
  workloadIdentities,
} from "../findings/identity/identity-needs.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";

/** Which identity needs what of Azure, who has it through which line, and what happens where nobody gave it. */
export const explainIdentity = (read: ReadPlatform, asJson: boolean): string => {
  const world = { platform: read.platform, instances: read.instances, objects: read.objects, predictions: [] };
  const needs = identityNeeds(world);
  const workloads = workloadIdentities(world);
  if (asJson) return `${JSON.stringify({ needs, workloads }, null, 2)}\n`;
  const identities = [...new Set(needs.map(({ who, identity }) => `${who}, as ${identity}`))];
  const lines = [
    ...identities.flatMap((identity) => [
      `${identity}:`,
      ...needs.filter(({ who, identity: own }) => `${who}, as ${own}` === identity).map(needText),
    ]),
    ...workloads.flatMap(workloadText),
  ];
  if (lines.length === 0) return "Nothing of the configuration needs a role of Azure.\n";
  return lines.map((line) => `${plainLine(line)}\n`).join("");
};

const marks = { yes: "may", no: "MAY NOT", unsure: "may perhaps" } as const;

const needText = ({ what, on, may, by, role, failure }: IdentityNeed): string => {
  const reason =
    may === "no" ? `; assign ${role}, else: ${failure}` : by === "" ? " (not known before apply)" : `: ${by}`;
  return `  ${marks[may]} ${what} on ${on}${reason}`;
};

const workloadText = ({ account, identity, credential, roles }: WorkloadIdentity): readonly string[] => [
  `${account}, ${identity === "" ? "as an identity that no federated credential gives it: its pods get AADSTS700213 instead of a token" : `as ${identity} by ${credential}`}:`,
  ...(identity === ""
    ? []
    : roles.length === 0
      ? ["  holds no role that the configuration gives"]
      : roles.map((role) => `  holds ${role}`)),
];
