variable "name" {
  description = "Name that the resources carry."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group of the network."
  type        = string
}

variable "location" {
  description = "Azure region."
  type        = string
}

variable "address_space" {
  description = "Address space of the virtual network, in CIDR form."
  type        = string
}

variable "subnets" {
  description = "Subnets by name: how many bits longer than the address space, and which one."
  type = map(object({
    newbits = number
    netnum  = number
  }))
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
