locals {
  m = { a = 1 }
  l = ["x"]
  s = "str"
}
output "o0" {
  value = { a = 1 }.b
}
output "o1" {
  value = { a = 1 }["b"]
}
output "o2" {
  value = [1, 2][5]
}
output "o3" {
  value = [1, 2][5].x
}
output "o4" {
  value = "abc".x
}
output "o5" {
  value = null.a
}
output "o6" {
  value = null[0]
}
output "o7" {
  value = upper([1])
}
output "o8" {
  value = upper("a", "b")
}
output "o9" {
  value = upper()
}
output "o10" {
  value = upper(null)
}
output "o11" {
  value = nope(1)
}
output "o12" {
  value = regex("(", "x")
}
output "o13" {
  value = replace("a", "/(/", "b")
}
output "o14" {
  value = file("nope.txt")
}
output "o15" {
  value = file("no${"pe"}.txt")
}
output "o16" {
  value = cidrsubnet("x", 1, 1)
}
output "o17" {
  value = cidrsubnet("10.0.0.0/8", "x", 1)
}
output "o18" {
  value = 1 + "x"
}
output "o19" {
  value = "x" + 1
}
output "o20" {
  value = -"x"
}
output "o21" {
  value = !"x"
}
output "o22" {
  value = !null
}
output "o23" {
  value = 1 && true
}
output "o24" {
  value = true ? 1 : [1]
}
output "o25" {
  value = null ? 1 : 2
}
output "o26" {
  value = [] ? 1 : 2
}
output "o27" {
  value = "${null}"
}
output "o28" {
  value = "a ${[]} b"
}
output "o29" {
  value = "a ${null} b"
}
output "o30" {
  value = [for x in null : x]
}
output "o31" {
  value = [for x in 5 : x]
}
output "o32" {
  value = { for x in ["a", "a"] : x => 1 }
}
output "o33" {
  value = { for x in [null] : x => 1 }
}
output "o34" {
  value = [for x in [1] : x if null]
}
output "o35" {
  value = [for x in [1] : x if "q"]
}
output "o36" {
  value = { (null) = 1 }
}
output "o37" {
  value = { ([]) = 1 }
}
output "o38" {
  value = max("a"...)
}
output "o39" {
  value = max(null...)
}
output "o40" {
  value = max([]...)
}
output "o41" {
  value = tolist([1, [2]])
}
output "o42" {
  value = tonumber("x")
}
output "o43" {
  value = tonumber(lower("X"))
}
output "o44" {
  value = length(5)
}
output "o45" {
  value = length((5))
}
output "o46" {
  value = length(5 + 5)
}
output "o47" {
  value = keys([1])
}
output "o48" {
  value = keys([for x in [1] : x])
}
output "o49" {
  value = keys(true ? [1] : [2])
}
output "o50" {
  value = keys([1][*])
}
output "o51" {
  value = keys(-5)
}
output "o52" {
  value = keys(toset(["a"]))
}
output "o53" {
  value = try(null.a)
}
output "o54" {
  value = lookup({ a = 1 }, "b")
}
output "o55" {
  value = element([], 0)
}
output "o56" {
  value = jsondecode("{")
}
output "o57" {
  value = merge({ a = 1 }, "x")
}
output "o58" {
  value = join(",", [null])
}
output "o59" {
  value = join(",", ["a"], [null])
}
output "o60" {
  value = format("%d", "x")
}
output "o61" {
  value = format("%s")
}
output "o62" {
  value = tolist(null)[0]
}
output "o63" {
  value = tomap({ a = 1 }).b
}
output "o64" {
  value = toset([1])[0]
}
output "o65" {
  value = [{ a = 1 }][*].b
}
output "o66" {
  value = [{ a = 1 }].*.b
}
output "o67" {
  value = { a = { b = 1 } }.a.c
}
output "o68" {
  value = { a = { b = 1 } }.a["c"].d
}
output "o69" {
  value = "%{ if null }a%{ endif }"
}
output "o70" {
  value = "%{ for x in null }a%{ endfor }"
}
output "o71" {
  value = "%{ for x in [null] }${x}%{ endfor }"
}
output "o72" {
  value = templatefile("t.tftpl", {})
}
output "o73" {
  value = templatefile("t.tftpl", { x = null })
}
output "o74" {
  value = sum(["a"])
}
output "o75" {
  value = range(1, 2, 3, 4)
}
output "o76" {
  value = one([1, 2])
}
output "o77" {
  value = setproduct([1])
}
output "o78" {
  value = local.m.zzz
}
output "o79" {
  value = local.m["zzz"]
}
output "o80" {
  value = local.l[9]
}
output "o81" {
  value = local.l[9].a
}
output "o82" {
  value = local.l.a
}
output "o83" {
  value = local.s.a
}
output "o84" {
  value = upper(local.l)
}
output "o85" {
  value = upper(local.m.a.b)
}
