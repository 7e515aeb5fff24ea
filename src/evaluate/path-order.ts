/** Paths in the order in which Terraform lists them: a set of cty paths, by the CRC-64 (ISO) of their names, indices all alike. */
export const orderPaths = (
  paths: readonly (readonly (string | number)[])[],
): readonly (readonly (string | number)[])[] => {
  const keyed = paths.map((path) => ({ path, key: BigInt.asIntN(64, hash(path)) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ path }) => path);
};

const polynomial = 0xd800000000000000n;
const all = 0xffffffffffffffffn;

const hash = (path: readonly (string | number)[]): bigint => {
  let crc = all;
  for (const step of path)
    for (const byte of Buffer.from(typeof step === "number" ? "#" : step)) {
      crc ^= BigInt(byte);
      for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    }
  return crc ^ all;
};
