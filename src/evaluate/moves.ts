import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { inModule, keyText, splitAddress } from "./address.ts";
import type { MovedBlock } from "./module.ts";
import type { ModuleNode } from "./module-tree.ts";
import { inputError } from "./problems.ts";
import { type PriorState, readInstanceAddress, type StateInstance } from "./state.ts";
import { asTraversal } from "./traversal.ts";

interface Move {
  readonly from: string;
  readonly to: string;
  readonly block: MovedBlock | undefined;
  readonly module: ModuleNode;
}

/** Renames what is in the state as the `moved` blocks say, and as a change of `count` implies (Terraform 1.11, refactoring `ApplyMoves`). */
export const applyMoves = (prior: PriorState, root: ModuleNode, report: (problem: Diagnostic) => void): PriorState => {
  const moves = collectMoves(root);
  const instances = new Map(prior.instances);
  const previous = new Map<string, string>();
  const resourcesBefore = new Set([...instances.values()].map(resourceOf));
  const rename = (from: string, to: string): void => {
    const instance = instances.get(from);
    if (instance === undefined || instances.has(to)) return;
    instances.delete(from);
    const origin = previous.get(from) ?? from;
    previous.delete(from);
    previous.set(to, origin);
    const parts = readInstanceAddress(to);
    if (parts === undefined || parts.mode === "ephemeral") return;
    instances.set(to, { ...instance, ...parts, mode: parts.mode, address: to, previousAddress: origin });
  };
  for (const move of moves) reportLeftover(move, root, report);
  reportAmbiguous(moves, report);
  for (const move of sortChains(moves)) {
    for (const address of [...instances.keys()]) {
      const to = movedAddress(address, move.from, move.to);
      if (to !== undefined) rename(address, to);
    }
  }
  for (const instance of [...instances.values()]) {
    const to = resourcesBefore.has(resourceOf(instance)) ? impliedMove(instance, root) : undefined;
    if (to !== undefined) rename(instance.address, to);
  }
  return { ...prior, instances };
};

/** Where the configuration takes what stood at an address before: by its `moved` blocks, and by `count` that comes or goes. */
export const addressesAfterMoves = (root: ModuleNode): ((address: string) => string) => {
  const moves = sortChains(collectMoves(root));
  return (address) => {
    const moved = moves.reduce((at, { from, to }) => movedAddress(at, from, to) ?? at, address);
    const parts = readInstanceAddress(moved);
    return parts === undefined ? moved : (impliedMove(parts, root) ?? moved);
  };
};

const collectMoves = (root: ModuleNode): readonly Move[] => {
  const moves: Move[] = [];
  const visit = (module: ModuleNode): void => {
    for (const block of module.module?.moved ?? []) {
      const [from, to] = [addressOf(block.from), addressOf(block.to)];
      if (from !== undefined && to !== undefined)
        moves.push({ from: inModule(module.address, from), to: inModule(module.address, to), block, module });
    }
    for (const child of module.children.values()) visit(child);
  };
  visit(root);
  return moves;
};

const addressOf = (expression: Expression): string | undefined => {
  const traversal = asTraversal(expression);
  if (traversal === undefined) return undefined;
  return traversal.steps.reduce(
    (text, step) => (step.kind === "index" ? text + keyText(step.key) : `${text}.${step.key}`),
    traversal.root,
  );
};

/** Moves in a chain are followed from its start: `a` to `b` before `b` to `c`. */
const sortChains = (moves: readonly Move[]): readonly Move[] => {
  const rest = [...moves];
  const sorted: Move[] = [];
  while (rest.length > 0) {
    const at = rest.findIndex((move) => !rest.some((other) => other !== move && other.to === move.from));
    sorted.push(...rest.splice(Math.max(at, 0), 1));
  }
  return sorted;
};

/** A module of any instance of the moving module counts: keys of modules around the statement are not written in it. */
const movedAddress = (address: string, from: string, to: string): string | undefined => {
  const have = splitAddress(address);
  const want = splitAddress(from);
  if (have.length < want.length) return undefined;
  let tail = "";
  for (const [index, part] of want.entries()) {
    const other = have[index];
    if (other === undefined || other.name !== part.name) return undefined;
    const isLast = index === want.length - 1;
    if (part.key !== undefined ? part.key !== other.key : !isLast && other.key !== undefined) return undefined;
    if (isLast && part.key === undefined && other.key !== undefined) tail = keyText(other.key);
  }
  const rest = have.slice(want.length).map(({ name, key }) => `.${name}${keyText(key)}`);
  const isKeyed = splitAddress(to).at(-1)?.key !== undefined;
  // `from` without a key and `to` with one: only the instance without a key moves.
  if (isKeyed && tail !== "") return undefined;
  return `${to}${tail}${rest.join("")}`;
};

const resourceOf = ({ module, type, name }: StateInstance): string => inModule(module, `${type}.${name}`);

/** Between no `count` and `count` the instance without key and the instance 0 are the same. */
const impliedMove = (
  instance: Pick<StateInstance, "module" | "type" | "name" | "key"> & { readonly mode: string },
  root: ModuleNode,
): string | undefined => {
  if (instance.mode !== "managed") return undefined;
  const node = findModule(root, instance.module);
  const block = node?.module?.resources.get(`${instance.type}.${instance.name}`);
  if (block === undefined) return undefined;
  const local = inModule(instance.module, `${instance.type}.${instance.name}`);
  if (block.count !== undefined && instance.key === undefined) return `${local}[0]`;
  if (block.count === undefined && block.forEach === undefined && instance.key === 0) return local;
  return undefined;
};

/** The module of the configuration that a module address leads to, keys aside. */
export const findModule = (root: ModuleNode, address: string): ModuleNode | undefined => {
  let node: ModuleNode | undefined = root;
  const parts = splitAddress(address);
  for (let index = 1; index < parts.length; index += 2) node = node?.children.get(parts[index]?.name ?? "");
  return node;
};

const reportLeftover = (move: Move, root: ModuleNode, report: (problem: Diagnostic) => void): void => {
  const parts = splitAddress(move.from);
  if (parts.at(-1)?.key !== undefined || move.block === undefined) return;
  const place = readInstanceAddress(move.from);
  if (
    parts.at(-2)?.name === "module" &&
    parts.length % 2 === 0 &&
    parts.every((part, index) => index % 2 === 1 || part.name === "module")
  ) {
    const node = findModule(root, move.from);
    if (node?.call !== undefined) leftover(move, `${node.call.range.file}:${node.call.range.start.line}`, report);
    return;
  }
  const block =
    place === undefined
      ? undefined
      : findModule(root, place.module)?.module?.resources.get(`${place.type}.${place.name}`);
  if (block !== undefined) leftover(move, `${block.range.file}:${block.range.start.line}`, report);
};

/** Two statements about one thing do not say which of them holds. */
const reportAmbiguous = (moves: readonly Move[], report: (problem: Diagnostic) => void): void => {
  for (const end of ["from", "to"] as const) {
    const seen = new Map<string, Move>();
    for (const move of moves) {
      const before = seen.get(move[end]);
      if (before === undefined) seen.set(move[end], move);
      else if (before.from !== move.from || before.to !== move.to)
        report(
          inputError(
            "Ambiguous move statements",
            end === "from"
              ? `${move.from} is to move to ${before.to}, and to ${move.to} as well. Take one of the statements out.`
              : `${before.from} and ${move.from} are both to move to ${move.to}. Take one of the statements out.`,
            move.block?.range,
          ),
        );
    }
  }
};

const leftover = (move: Move, declared: string, report: (problem: Diagnostic) => void): void =>
  report(
    inputError(
      "Moved object still exists",
      `${move.from} is to move to ${move.to}, and is still declared at ${declared}. Rename the block there, or take the "moved" block out.`,
      move.block?.range,
    ),
  );
