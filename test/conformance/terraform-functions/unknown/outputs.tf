output "o0" {
  value     = local.u == null
  sensitive = false
}

output "o1" {
  value     = local.u != null
  sensitive = false
}

output "o2" {
  value     = "foo-${local.u}" == null
  sensitive = false
}

output "o3" {
  value     = "foo-${local.u}" == "foo-bar"
  sensitive = false
}

output "o4" {
  value     = "foo-${local.u}" == "fox-bar"
  sensitive = false
}

output "o5" {
  value     = "foo${local.u}" == "fox"
  sensitive = false
}

output "o6" {
  value     = startswith("foo-${local.u}", "foo-")
  sensitive = false
}

output "o7" {
  value     = startswith("foo${local.u}", "foo")
  sensitive = false
}

output "o8" {
  value     = startswith("foo${local.u}", "fo")
  sensitive = false
}

output "o9" {
  value     = startswith("foo-${local.u}", "fox")
  sensitive = false
}

output "o10" {
  value     = startswith("a_${local.u}", "a_")
  sensitive = false
}

output "o11" {
  value     = startswith("a/${local.u}", "a/")
  sensitive = false
}

output "o12" {
  value     = startswith("a=${local.u}", "a=")
  sensitive = false
}

output "o13" {
  value     = startswith("a@${local.u}", "a@")
  sensitive = false
}

output "o14" {
  value     = startswith("a${"\n"}${local.u}", "a\n")
  sensitive = false
}

output "o15" {
  value     = length(local.u)
  sensitive = false
}

output "o16" {
  value     = length("foo-${local.u}") > 3
  sensitive = false
}

output "o17" {
  value     = length("foo-${local.u}") >= 4
  sensitive = false
}

output "o18" {
  value     = length("foo-${local.u}") == 2
  sensitive = false
}

output "o19" {
  value     = length([local.u])
  sensitive = false
}

output "o20" {
  value     = length(toset([local.u]))
  sensitive = false
}

output "o21" {
  value     = length(toset([local.u, "a"]))
  sensitive = false
}

output "o22" {
  value     = length(toset([local.u, "a"])) > 0
  sensitive = false
}

output "o23" {
  value     = length(toset([local.u, "a"])) < 3
  sensitive = false
}

output "o24" {
  value     = length(tolist([local.u, "a"]))
  sensitive = false
}

output "o25" {
  value     = tolist([local.u, "1"])
  sensitive = false
}

output "o26" {
  value     = toset([local.u, "1"])
  sensitive = false
}

output "o27" {
  value     = {(local.u) = 1}
  sensitive = false
}

output "o28" {
  value     = [for x in [local.u, "a"] : upper(x)]
  sensitive = false
}

output "o29" {
  value     = {for x in [local.u, "a"] : x => 1}
  sensitive = false
}

output "o30" {
  value     = {for x in ["a"] : x => local.u}
  sensitive = false
}

output "o31" {
  value     = [for x in [1, 2] : x if local.u == "x"]
  sensitive = false
}

output "o32" {
  value     = [for x in toset([local.u, "a"]) : x]
  sensitive = false
}

output "o33" {
  value     = keys({a = local.u})
  sensitive = false
}

output "o34" {
  value     = values({a = local.u, b = 2})
  sensitive = false
}

output "o35" {
  value     = contains([local.u, "a"], "a")
  sensitive = false
}

output "o36" {
  value     = contains([local.u, "a"], "b")
  sensitive = false
}

output "o37" {
  value     = contains(["a"], local.u)
  sensitive = false
}

output "o38" {
  value     = coalesce(null, local.u)
  sensitive = false
}

output "o39" {
  value     = coalesce(local.u, "a")
  sensitive = false
}

output "o40" {
  value     = coalesce("a", local.u)
  sensitive = false
}

output "o41" {
  value     = coalesce("", "x${local.u}")
  sensitive = false
}

output "o42" {
  value     = coalesce(local.u, "a") == null
  sensitive = false
}

output "o43" {
  value     = compact([local.u, ""])
  sensitive = false
}

output "o44" {
  value     = concat([local.u], ["a"])
  sensitive = false
}

output "o45" {
  value     = join(",", ["a", local.u])
  sensitive = false
}

output "o46" {
  value     = split(",", local.u)
  sensitive = false
}

output "o47" {
  value     = length(split(",", local.u)) > 0
  sensitive = false
}

output "o48" {
  value     = format("%s-%s", "a", local.u)
  sensitive = false
}

output "o49" {
  value     = format("abc-%s", local.u) == "x"
  sensitive = false
}

output "o50" {
  value     = format("abc-%s", local.u) != "abc-y"
  sensitive = false
}

output "o51" {
  value     = formatlist("%s", [local.u, "a"])
  sensitive = false
}

output "o52" {
  value     = jsonencode({a = local.u})
  sensitive = false
}

output "o53" {
  value     = jsonencode({a = local.u}) == ""
  sensitive = false
}

output "o54" {
  value     = startswith(jsonencode({a = local.u}), "{")
  sensitive = false
}

output "o55" {
  value     = startswith(jsonencode([local.u]), "[")
  sensitive = false
}

output "o56" {
  value     = jsonencode(local.u) == null
  sensitive = false
}

output "o57" {
  value     = jsondecode(local.u)
  sensitive = false
}

output "o58" {
  value     = jsondecode("{\"a\": ${jsonencode(local.u)}}")
  sensitive = false
}

output "o59" {
  value     = yamlencode({a = local.u})
  sensitive = false
}

output "o60" {
  value     = yamldecode(local.u)
  sensitive = false
}

output "o61" {
  value     = merge({a = 1}, {b = local.u})
  sensitive = false
}

output "o62" {
  value     = lookup({a = local.u}, "a", "d")
  sensitive = false
}

output "o63" {
  value     = lookup({a = local.u, b = "1"}, "b", "d")
  sensitive = false
}

output "o64" {
  value     = lookup({a = 1}, local.u, "d")
  sensitive = false
}

output "o65" {
  value     = lookup(tomap({a = 1}), local.u, 5)
  sensitive = false
}

output "o66" {
  value     = element([local.u, "b"], 1)
  sensitive = false
}

output "o67" {
  value     = element(["a", "b"], length(local.u))
  sensitive = false
}

output "o68" {
  value     = [1, 2][length(local.u)]
  sensitive = false
}

output "o69" {
  value     = tolist([1, 2])[length(local.u)]
  sensitive = false
}

output "o70" {
  value     = {a = 1}[local.u]
  sensitive = false
}

output "o71" {
  value     = tomap({a = 1})[local.u]
  sensitive = false
}

output "o72" {
  value     = [local.u][*]
  sensitive = false
}

output "o73" {
  value     = flatten([[local.u], ["a"]])
  sensitive = false
}

output "o74" {
  value     = flatten([[local.u], terraform_data.c[*].id])
  sensitive = false
}

output "o75" {
  value     = distinct([local.u, "a"])
  sensitive = false
}

output "o76" {
  value     = sort(["b", local.u])
  sensitive = false
}

output "o77" {
  value     = length(sort(["b", local.u]))
  sensitive = false
}

output "o78" {
  value     = reverse(["b", local.u])
  sensitive = false
}

output "o79" {
  value     = setunion(["a"], [local.u])
  sensitive = false
}

output "o80" {
  value     = setintersection(["a"], [local.u])
  sensitive = false
}

output "o81" {
  value     = setsubtract(["a"], [local.u])
  sensitive = false
}

output "o82" {
  value     = setproduct(["a"], [local.u])
  sensitive = false
}

output "o83" {
  value     = length(setproduct(["a"], [local.u, "b"]))
  sensitive = false
}

output "o84" {
  value     = setproduct(toset(["a"]), toset([local.u, "b"]))
  sensitive = false
}

output "o85" {
  value     = length(setproduct(toset(["a"]), toset([local.u, "b"]))) > 0
  sensitive = false
}

output "o86" {
  value     = slice([1, local.u, 3], 0, 1)
  sensitive = false
}

output "o87" {
  value     = slice([1, local.u, 3], 0, length(local.u))
  sensitive = false
}

output "o88" {
  value     = zipmap(["a", local.u], [1, 2])
  sensitive = false
}

output "o89" {
  value     = zipmap(["a"], [local.u])
  sensitive = false
}

output "o90" {
  value     = try(local.u, "x")
  sensitive = false
}

output "o91" {
  value     = can(local.u)
  sensitive = false
}

output "o92" {
  value     = can(tonumber(local.u))
  sensitive = false
}

output "o93" {
  value     = tonumber(local.u)
  sensitive = false
}

output "o94" {
  value     = tobool(local.u)
  sensitive = false
}

output "o95" {
  value     = max(1, length(local.u))
  sensitive = false
}

output "o96" {
  value     = length(local.u) + 1
  sensitive = false
}

output "o97" {
  value     = length(local.u) + 1 > 0
  sensitive = false
}

output "o98" {
  value     = length(local.u) * 0
  sensitive = false
}

output "o99" {
  value     = length(local.u) * 2 >= 0
  sensitive = false
}

output "o100" {
  value     = -length(local.u)
  sensitive = false
}

output "o101" {
  value     = abs(length(local.u)) >= 0
  sensitive = false
}

output "o102" {
  value     = abs(tonumber(local.u)) >= 0
  sensitive = false
}

output "o103" {
  value     = ceil(tonumber(local.u))
  sensitive = false
}

output "o104" {
  value     = tobool(local.u) && false
  sensitive = false
}

output "o105" {
  value     = tobool(local.u) || true
  sensitive = false
}

output "o106" {
  value     = tobool(local.u) && true
  sensitive = false
}

output "o107" {
  value     = false && tobool(local.u)
  sensitive = false
}

output "o108" {
  value     = tonumber(local.u) > 5
  sensitive = false
}

output "o109" {
  value     = !tobool(local.u)
  sensitive = false
}

output "o110" {
  value     = "a${local.u}b"
  sensitive = false
}

output "o111" {
  value     = "%{ if local.u == "x" }a%{ else }b%{ endif }"
  sensitive = false
}

output "o112" {
  value     = "%{ for x in [local.u] }${x}%{ endfor }"
  sensitive = false
}

output "o113" {
  value     = "pre %{ for x in [local.u] }${x}%{ endfor }" == "x"
  sensitive = false
}

output "o114" {
  value     = issensitive(local.u)
  sensitive = false
}

output "o115" {
  value     = one([local.u])
  sensitive = false
}

output "o116" {
  value     = one(toset([local.u]))
  sensitive = false
}

output "o117" {
  value     = sum([1, length(local.u)])
  sensitive = false
}

output "o118" {
  value     = alltrue([tobool(local.u), false])
  sensitive = false
}

output "o119" {
  value     = alltrue([false, tobool(local.u)])
  sensitive = false
}

output "o120" {
  value     = anytrue([tobool(local.u), true])
  sensitive = false
}

output "o121" {
  value     = anytrue([tobool(local.u), false])
  sensitive = false
}

output "o122" {
  value     = cidrsubnet(local.u, 4, 1)
  sensitive = false
}

output "o123" {
  value     = replace("a${local.u}", "a", "b")
  sensitive = false
}

output "o124" {
  value     = regex("a", local.u)
  sensitive = false
}

output "o125" {
  value     = regex("(a)(b)", local.u)
  sensitive = false
}

output "o126" {
  value     = regex("(?P<x>a)", local.u)
  sensitive = false
}

output "o127" {
  value     = regexall("(a)", local.u)
  sensitive = false
}

output "o128" {
  value     = upper("a${local.u}")
  sensitive = false
}

output "o129" {
  value     = base64encode(local.u)
  sensitive = false
}

output "o130" {
  value     = sha256(local.u)
  sensitive = false
}

output "o131" {
  value     = sha256(local.u) == null
  sensitive = false
}

output "o132" {
  value     = tolist([local.u, 1])
  sensitive = false
}

output "o133" {
  value     = tobool(local.u) ? "a" : "b"
  sensitive = false
}

output "o134" {
  value     = (tobool(local.u) ? "a" : "b") == null
  sensitive = false
}

output "o135" {
  value     = tobool(local.u) ? [1] : [2]
  sensitive = false
}

output "o136" {
  value     = length(tobool(local.u) ? tolist([1]) : tolist([2]))
  sensitive = false
}

output "o137" {
  value     = length(tobool(local.u) ? [1] : [2, 3])
  sensitive = false
}

output "o138" {
  value     = (tobool(local.u) ? {a=1} : {a=2}).a
  sensitive = false
}

output "o139" {
  value     = tobool(local.u) ? {a=1} : {b=2}
  sensitive = false
}

output "o140" {
  value     = (tobool(local.u) ? 1 : 5) < 6
  sensitive = false
}

output "o141" {
  value     = (tobool(local.u) ? 1 : 5) > 5
  sensitive = false
}

output "o142" {
  value     = (tobool(local.u) ? 3 : 3)
  sensitive = false
}

output "o143" {
  value     = tobool(local.u) ? null : null
  sensitive = false
}

output "o144" {
  value     = tobool(local.u) ? local.u : "x"
  sensitive = false
}

output "o145" {
  value     = tobool(local.u) ? tolist([]) : tolist([])
  sensitive = false
}

output "o146" {
  value     = tobool(local.u) ? tolist(["a"]) : tolist(["b"])
  sensitive = false
}

output "o147" {
  value     = [for x in (tobool(local.u) ? tolist(["a"]) : tolist(["b"])) : x]
  sensitive = false
}

output "o148" {
  value     = local.u[*]
  sensitive = false
}

output "o149" {
  value     = terraform_data.c[*].id
  sensitive = false
}

output "o150" {
  value     = terraform_data.a.output
  sensitive = false
}

output "o151" {
  value     = terraform_data.a[*].id
  sensitive = false
}

output "o152" {
  value     = [for k, v in terraform_data.e : k]
  sensitive = false
}

output "o153" {
  value     = {for k, v in terraform_data.e : k => v.id}
  sensitive = false
}

output "o154" {
  value     = [for c in terraform_data.c : c.id]
  sensitive = false
}

output "o155" {
  value     = length(terraform_data.c)
  sensitive = false
}

output "o156" {
  value     = toset(terraform_data.c[*].id)
  sensitive = false
}

output "o157" {
  value     = length(toset(terraform_data.c[*].id))
  sensitive = false
}

output "o158" {
  value     = sort(terraform_data.c[*].id)
  sensitive = false
}

output "o159" {
  value     = terraform_data.a
  sensitive = false
}

output "o160" {
  value     = terraform_data.c
  sensitive = false
}

output "o161" {
  value     = terraform_data.e["k1"]
  sensitive = false
}

output "o162" {
  value     = tostring(length(local.u))
  sensitive = false
}

output "o163" {
  value     = tolist(toset([local.u]))
  sensitive = false
}

output "o164" {
  value     = tolist(toset([local.u, "x"]))
  sensitive = false
}

output "o165" {
  value     = matchkeys(["a"], [local.u], ["x"])
  sensitive = false
}

output "o166" {
  value     = chunklist([local.u, "a", "b"], 2)
  sensitive = false
}

output "o167" {
  value     = range(length(local.u))
  sensitive = false
}

output "o168" {
  value     = index(["a", local.u], "a")
  sensitive = false
}

output "o169" {
  value     = index([local.u, "a"], "a")
  sensitive = false
}

output "o170" {
  value     = transpose({a = [local.u]})
  sensitive = false
}

output "o171" {
  value     = coalescelist([], [local.u])
  sensitive = false
}

output "o172" {
  value     = coalescelist([local.u], [])
  sensitive = false
}

output "o173" {
  value     = timeadd(local.u, "1h")
  sensitive = false
}

output "o174" {
  value     = formatdate("YYYY", local.u)
  sensitive = false
}

output "o175" {
  value     = trimprefix("abc${local.u}", "abc")
  sensitive = false
}

output "o176" {
  value     = substr(local.u, 0, 1)
  sensitive = false
}

output "o177" {
  value     = indent(2, local.u)
  sensitive = false
}

output "o178" {
  value     = title(local.u)
  sensitive = false
}

output "o179" {
  value     = nonsensitive(local.u)
  sensitive = false
}

output "o180" {
  value     = templatefile("${path.module}/t.tftpl", {x = local.u})
  sensitive = false
}

output "o181" {
  value     = templatefile("${path.module}/t.tftpl", {x = [local.u]})
  sensitive = false
}

output "o182" {
  value     = file(local.u)
  sensitive = false
}

output "o183" {
  value     = fileexists(local.u)
  sensitive = false
}

output "o184" {
  value     = uuid()
  sensitive = false
}

output "o185" {
  value     = timestamp()
  sensitive = false
}

output "o186" {
  value     = bcrypt("x")
  sensitive = false
}

output "o187" {
  value     = [local.u == null]
  sensitive = false
}

output "o188" {
  value     = {a = local.u == null, b = [1, local.u]}
  sensitive = false
}

output "o189" {
  value     = tomap({a = local.u, b = "c"})
  sensitive = false
}

output "o190" {
  value     = keys(tomap({a = local.u, b = "c"}))
  sensitive = false
}

output "o191" {
  value     = values(tomap({a = local.u, b = "c"}))
  sensitive = false
}

output "o192" {
  value     = merge(tomap({a = local.u}), tomap({b = "c"}))
  sensitive = false
}

output "o193" {
  value     = zipmap(["a"], tolist([local.u]))
  sensitive = false
}

output "o194" {
  value     = local.u == local.u
  sensitive = false
}

output "o195" {
  value     = [local.u] == [local.u]
  sensitive = false
}

output "o196" {
  value     = [local.u, 1] == [local.u, 2]
  sensitive = false
}

output "o197" {
  value     = {a = local.u} == {a = "x"}
  sensitive = false
}

output "o198" {
  value     = ["a", local.u] == ["b", local.u]
  sensitive = false
}

output "o199" {
  value     = tolist([local.u]) == tolist(["a"])
  sensitive = false
}

output "o200" {
  value     = toset([local.u]) == toset(["a"])
  sensitive = false
}

output "o201" {
  value     = [local.u] == ["a", "b"]
  sensitive = false
}

output "o202" {
  value     = parseint(local.u, 10)
  sensitive = false
}

output "o203" {
  value     = log(length(local.u), 2)
  sensitive = false
}

output "o204" {
  value     = signum(length(local.u))
  sensitive = false
}

output "o205" {
  value     = uuidv5("dns", local.u)
  sensitive = false
}

output "o206" {
  value     = urlencode(local.u)
  sensitive = false
}

output "o207" {
  value     = csvdecode(local.u)
  sensitive = false
}

output "o208" {
  value     = textencodebase64(local.u, "UTF-8")
  sensitive = false
}

output "o209" {
  value     = strcontains(local.u, "a")
  sensitive = false
}

output "o210" {
  value     = endswith("${local.u}x", "x")
  sensitive = false
}

output "o211" {
  value     = strrev(local.u)
  sensitive = false
}

output "o212" {
  value     = join(local.u, ["a", "b"])
  sensitive = false
}

output "o213" {
  value     = join("-", tolist([local.u]))
  sensitive = false
}

output "o214" {
  value     = sensitive(local.u)
  sensitive = true
}

output "o215" {
  value     = element(terraform_data.c[*].id, 5)
  sensitive = false
}

output "o216" {
  value     = lookup(terraform_data.e, "k1", null)
  sensitive = false
}

output "o217" {
  value     = contains(keys(terraform_data.e), "k1")
  sensitive = false
}

output "o218" {
  value     = try(terraform_data.e["nope"].id, "none")
  sensitive = false
}

output "o219" {
  value     = try(terraform_data.c[5].id, "none")
  sensitive = false
}

output "o220" {
  value     = can(terraform_data.e["nope"])
  sensitive = false
}
