import { referencedType } from "./schema.ts";

/** The Go spelling of a field's type. */
export const goTypeOf = (code: string): string => {
  const own = code.indexOf("~");
  if (own !== -1) return code.slice(own + 1);
  const named = code.indexOf("=");
  switch (code[0]) {
    case "#":
      return referencedType(code)?.name ?? "";
    case "[":
      return `[]${goTypeOf(code.slice(1))}`;
    case "{":
      return `map[string]${goTypeOf(code.slice(1))}`;
    case "q":
      return "resource.Quantity";
    case "x":
      return "intstr.IntOrString";
    case "t":
      return "v1.Time";
    default:
      return named !== -1 ? code.slice(named + 1) : (plain[code] ?? code);
  }
};

const plain: Readonly<Record<string, string>> = {
  s: "string",
  b: "bool",
  i32: "int32",
  i64: "int64",
  u64: "uint64",
  n: "float64",
  y: "[]uint8",
};
