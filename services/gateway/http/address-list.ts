import { BlockList, isIPv6 } from "node:net";
import { ServiceError } from "@troupe/errors";

/** @param networks addresses or CIDR networks. @throws ServiceError INVALID_CONFIG */
export function addressList(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    try {
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    } catch (cause) {
      throw new ServiceError("INVALID_CONFIG", `"${network}" is neither an address nor a network`, { cause });
    }
  }
  return (address) => list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
