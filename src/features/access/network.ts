/** Which network an address belongs to, for limits: one IPv4 address, or the /64 that one IPv6 household or server gets. */
import ipaddr from 'ipaddr.js';

export const networkOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const parts = (parsed as ipaddr.IPv6).parts.slice(0, 4);
  return `${parts.map(part => part.toString(16)).join(':')}::/64`;
};
